import { createECDH } from 'node:crypto';
import { type AuthSecret, decrypt, encodeBase64Url, type VapidPublicKey } from '@belfry/protocol';
import type { ConnectedAgents } from '../connected-agents.ts';
import type { EndpointToken, IdentifierSource, Uaid } from '../identifiers.ts';
import type { PersonaChoice } from '../personas/persona-choice.ts';
import { PERSONAS } from '../personas/personas.ts';
import type { Persona } from '../personas/persona.ts';
import type { PushStore } from '../store/push-store.ts';

/** What opens the messages of a subscription. */
export interface DecryptionKeys {
  /** P-256, 32 octets. */
  readonly privateKey: Uint8Array;
  readonly auth: AuthSecret;
}

export interface CreatedSubscription {
  readonly token: EndpointToken;
  /** As `PushSubscription.toJSON()` has them: unpadded base64url. */
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface ScriptedSubscriptionsOptions {
  readonly store: PushStore;
  readonly agents: ConnectedAgents;
  readonly identifiers: IdentifierSource;
  readonly personas: PersonaChoice;
}

/**
 * Subscriptions whose messages the service can read: those that it receives for itself, always connected and acknowledging
 * at once, and those of user agents that gave it their keys.
 */
export class ScriptedSubscriptions {
  readonly #options: ScriptedSubscriptionsOptions;
  readonly #keys = new Map<EndpointToken, DecryptionKeys>();

  constructor(options: ScriptedSubscriptionsOptions) {
    this.#options = options;
    for (const { token, uaid, persona, ...keys } of options.store.scripted.list()) {
      this.#receive({ token, uaid, persona: PERSONAS[persona], keys });
    }
  }

  create(options: { readonly persona: Persona; readonly vapidKey: VapidPublicKey | undefined }): CreatedSubscription {
    const { persona, vapidKey } = options;
    const { store, identifiers } = this.#options;
    const uaid = identifiers.uaid();
    const newToken = identifiers.endpointToken();
    const token = store.register({ uaid, channelId: identifiers.channelId(), vapidKey, newToken });
    const keyPair = createECDH('prime256v1');
    const p256dh = encodeBase64Url(keyPair.generateKeys());
    const keys = { privateKey: keyPair.getPrivateKey(), auth: identifiers.authSecret() };
    store.scripted.add({ token, persona: persona.name, ...keys });
    this.#receive({ token, uaid, persona, keys });
    return { token, keys: { p256dh, auth: encodeBase64Url(keys.auth) } };
  }

  /** For as long as the service runs. */
  share(token: EndpointToken, keys: DecryptionKeys): void {
    this.#keys.set(token, keys);
  }

  /** Undefined where the keys are not known, or do not open it. */
  plaintext(token: EndpointToken, body: Uint8Array): Uint8Array | undefined {
    const keys = this.#keys.get(token);
    if (keys === undefined) return undefined;
    const opened = decrypt({ body, ...keys });
    return opened.ok ? opened.value : undefined;
  }

  #receive(subscription: {
    readonly token: EndpointToken;
    readonly uaid: Uaid;
    readonly persona: Persona;
    readonly keys: DecryptionKeys;
  }): void {
    const { token, uaid, persona, keys } = subscription;
    const { store, agents, personas } = this.#options;
    this.#keys.set(token, keys);
    personas.setForSubscription(token, persona);
    agents.attach(uaid, {
      deliver: ({ channelId, id }) => {
        store.acknowledge(uaid, { channelId, id });
        return 'acknowledged';
      },
      displace: () => {},
    });
  }
}
