import { decodeBase64Url, parseAuthSecret, parseVapidPublicKey } from '@belfry/protocol';
import type { Clock } from '../clock.ts';
import type { ConnectedAgents } from '../connected-agents.ts';
import { PushServiceError } from '../errors.ts';
import type { FaultRule, FaultScript, FaultTarget } from '../faults/fault-script.ts';
import type { IdentifierSource } from '../identifiers.ts';
import type { PushJournal } from '../journal/push-journal.ts';
import { MAX_LISTED_SUBSCRIPTIONS } from '../limits.ts';
import type { PersonaChoice } from '../personas/persona-choice.ts';
import { personaEndpoint } from '../personas/persona-origins.ts';
import type { ScriptedSubscriptions } from '../scripted/scripted-subscriptions.ts';
import type { PushStore } from '../store/push-store.ts';
import type { ListedSubscription } from '../store/subscription-list.ts';
import { arrivedPush } from './arrived-push.ts';
import { checkFault, checkRepetition } from './check-fault.ts';
import { findToken } from './find-token.ts';
import type { PersonaTarget, PlannedFault, PushServiceControl, SubscriptionInfo } from './push-service-control.ts';
import { personaNamed } from './persona-named.ts';
import { resendPush } from './resend-push.ts';

export interface ControlContext {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly personas: PersonaChoice;
  readonly faults: FaultScript;
  readonly journal: PushJournal;
  readonly scripted: ScriptedSubscriptions;
  readonly clock: Clock;
  /** Of the endpoints that are nobody else's, such as 'https://localhost:8789'. */
  readonly localOrigin: string;
}

export function createControl(context: ControlContext): PushServiceControl {
  const { store, agents, personas, faults, journal, scripted, clock, localOrigin } = context;
  const seen = { subscriptions: store.subscriptions, scripted };

  return {
    subscriptions() {
      const listed = store.subscriptions.list({ now: clock.now(), limit: MAX_LISTED_SUBSCRIPTIONS });
      return listed.map((subscription) => subscriptionInfo(subscription, context));
    },
    createSubscription({ persona: name, applicationServerKey } = {}) {
      const persona = name === undefined ? personas.of(localOrigin) : personaNamed(name);
      const vapidKey = applicationServerKey === undefined ? undefined : parseVapidPublicKey(applicationServerKey);
      if (vapidKey?.ok === false) {
        throw new PushServiceError(
          'invalid-key',
          'applicationServerKey must be a VAPID public key: base64url, without padding, of a P-256 point (65 octets)',
        );
      }
      const { token, keys } = scripted.create({ persona, vapidKey: vapidKey?.value });
      const id = store.subscriptions.idOf(token) ?? 0;
      return { id, endpoint: personaEndpoint(persona.name, { localOrigin, token }), expirationTime: null, keys };
    },
    expireSubscription(subscription) {
      store.expire(findToken(subscription, store));
    },
    rotateSubscription(subscription) {
      const uaid = store.expireAgentOf(findToken(subscription, store));
      if (uaid !== undefined) agents.disconnect(uaid);
    },
    setPersona(name, target = {}) {
      const persona = personaNamed(name);
      const { subscription, origin } = checkTarget(target);
      if (subscription !== undefined) personas.setForSubscription(findToken(subscription, store), persona);
      else if (origin !== undefined) personas.setForOrigin(originNamed(origin), persona);
      else personas.setForService(persona);
    },
    addFault(fault, options = {}) {
      const { subscription, origin, ...repetition } = checkTarget(options);
      const target: FaultTarget =
        subscription !== undefined
          ? { type: 'subscription', token: findToken(subscription, store) }
          : origin !== undefined
            ? { type: 'origin', origin: originNamed(origin) }
            : { type: 'all' };
      return faults.add({ target, fault: checkFault(fault), ...checkRepetition(repetition) });
    },
    removeFault: (id) => faults.remove(id),
    faults: () => faults.list().map((rule) => plannedFault(rule, store)),
    pushes({ subscription, limit } = {}) {
      const token = subscription === undefined ? undefined : findToken(subscription, store);
      const entries = journal.list().filter((entry) => token === undefined || entry.token === token);
      return entries.slice(0, Math.max(limit ?? entries.length, 0)).map((entry) => arrivedPush(entry, seen));
    },
    onPush: (listener) => journal.listen((entry) => listener(arrivedPush(entry, seen))),
    resend: (pushId) => resendPush(pushId, context),
    clearPushes: () => journal.clear(),
    shareKeys(subscription, { privateKey, auth }) {
      const token = findToken(subscription, store);
      const [key, secret] = [decodeBase64Url(privateKey), parseAuthSecret(auth)];
      if (key?.length !== 32 || !secret.ok) {
        throw new PushServiceError(
          'invalid-key',
          'privateKey must be base64url, without padding, of 32 octets, and auth of 16',
        );
      }
      scripted.share(token, { privateKey: key, auth: secret.value });
    },
  };
}

function subscriptionInfo(
  listed: ListedSubscription,
  { agents, personas, localOrigin }: ControlContext,
): SubscriptionInfo {
  const { id, token, uaid, vapidKey, live, subtype, scripted, waiting } = listed;
  return {
    id,
    userAgent: scripted ? 'scripted' : subtype === undefined ? 'autopush' : 'chromium',
    // 'wp:', the page's origin, '#' and a GUID.
    site: /^wp:(https?:\/\/[^/#]+)/.exec(subtype ?? '')?.[1],
    applicationServerKey: vapidKey,
    persona: personas.of(localOrigin, token).name,
    isLive: live,
    isConnected: live && agents.isConnected(uaid),
    waiting,
  };
}

function plannedFault({ id, fault, target, skip, times }: FaultRule, store: PushStore): PlannedFault {
  const subscription = target.type === 'subscription' ? store.subscriptions.idOf(target.token) : undefined;
  return { id, fault, subscription, origin: target.type === 'origin' ? target.origin : undefined, skip, times };
}

/** What was meant for one subscription must not befall all because that has no endpoint. */
function checkTarget<Target extends PersonaTarget>(target: Target): Target {
  for (const name of ['subscription', 'origin'] as const) {
    if (!(name in target) || target[name] !== undefined) continue;
    throw new PushServiceError('unknown-subscription', `${name} is undefined: leave it out to mean all`);
  }
  return target;
}

function originNamed(text: string): string {
  if (URL.canParse(text)) return new URL(text).origin;
  throw new PushServiceError(
    'invalid-origin',
    'An origin is scheme, host and port, such as https://web.push.apple.com',
  );
}
