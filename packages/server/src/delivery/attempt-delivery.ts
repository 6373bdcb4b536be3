import { endpointOrigin, type Ttl, type VapidKeys } from '@belfry/protocol';
import type { DeliveryDevice, StoredMessage } from '@belfry/store';
import type { PreparedMessage } from '../message/prepared-message.ts';
import { type SendPushEffects, sendPush } from '../sender/send-push.ts';
import type { SendOptions } from '../transport/push-transport.ts';
import type { VapidKeyRing } from '../vapid/vapid-key-ring.ts';
import type { AnswerClass } from './classify-answer.ts';
import type { JudgedOutcome, OriginGate } from './origin-gate.ts';
import type { Refusals } from './refusals.ts';
import { remainingTtl } from './remaining-ttl.ts';
import type { RetryPace } from './retry-pace.ts';
import type { Withdrawn } from './withdrawn.ts';

export interface AttemptEffects extends SendPushEffects {
  readonly keyRing: VapidKeyRing;
  readonly gate: OriginGate;
  readonly pace: RetryPace;
  readonly refusals: Pick<Refusals, 'isProven'>;
  readonly withdrawn: Withdrawn;
  /** See `BelfryOptions.padToBytes`. */
  readonly padToBytes: number;
  /** Told of a message that some devices may be unable to take. */
  warnOfSize(message: StoredMessage, bytes: number): void;
}

/** One message for one device, now. */
export interface Attempt {
  readonly message: PreparedMessage;
  readonly device: DeliveryDevice;
  /** Attempts made before. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The answer's meaning, or why nothing was sent. */
export type AttemptOutcome = JudgedOutcome;

export interface AttemptOptions extends SendOptions {
  readonly signal: AbortSignal;
}

/** Takes a message for one device to its push service, once, unless that takes nothing now. Rejects for an abort. */
export async function attemptDelivery(
  attempt: Attempt,
  effects: AttemptEffects,
  options: AttemptOptions,
): Promise<AttemptOutcome> {
  const { message, device, attempts, expiresAt } = attempt;
  const keys = effects.keyRing.known(device.vapidPublicKey) ?? (await findKeys(device, effects.keyRing));
  if (keys === 'not-now') return { kind: 'retrying', scope: 'device', retryAfterMs: undefined };
  if (keys === undefined) return { kind: 'key-mismatch', scope: 'device' };
  const now = effects.clock.now();
  const ttl = remainingTtl({ ttl: message.options.ttl, expiresAt }, { now, attempts });
  if (ttl === undefined) return { kind: 'expired' };
  const { id: deviceId, endpoint, userId, isProven } = device;
  const route = { origin: endpointOrigin(endpoint), key: keys.publicKey, deviceId, endpoint, userId, isProven };
  const endsAt = effects.clock.elapsed() + expiresAt - now;
  const { seq: flow, id } = message.stored;
  const taken = { message: id, deviceId, binding: device.binding };
  const isWithdrawn = (): boolean => effects.withdrawn.has(taken);
  const hasAccepted = effects.refusals.isProven(route);
  effects.withdrawn.beginAttempt(taken);
  try {
    const outcome = await effects.gate.pass(route, () =>
      send(attempt, effects, { ...options, flow, userId, hasAccepted, endsAt, isWithdrawn, keys, ttl }),
    );
    return effects.pace.apply(route, { outcome, isBroadcast: options.priority === 'broadcast' });
  } finally {
    effects.withdrawn.endAttempt(taken);
  }
}

/** `not-now`: the store that may have them does not answer. */
async function findKeys(
  { vapidPublicKey }: DeliveryDevice,
  keyRing: VapidKeyRing,
): Promise<VapidKeys | undefined | 'not-now'> {
  try {
    return await keyRing.find(vapidPublicKey);
  } catch {
    return 'not-now';
  }
}

async function send(
  { message, device }: Attempt,
  effects: AttemptEffects,
  { keys, ttl, ...options }: AttemptOptions & { readonly keys: VapidKeys; readonly ttl: Ttl },
): Promise<AnswerClass> {
  const { padToBytes } = effects;
  const { endpoint, p256dh, auth } = device;
  const { urgency, topic } = message.options;
  const push = {
    endpoint,
    p256dh,
    auth,
    plaintext: message.plaintextFor(device),
    ttl,
    urgency,
    topic,
    keys,
    padToBytes,
  };
  const { outcome, warnings, plaintextBytes } = await sendPush(push, effects, options);
  if (warnings.includes('too-large-for-some-devices')) effects.warnOfSize(message.stored, plaintextBytes);
  return outcome;
}
