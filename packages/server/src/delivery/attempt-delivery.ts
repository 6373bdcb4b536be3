import { endpointOrigin, type Ttl, type VapidKeys } from '@belfry/protocol';
import type { Delivery, Device } from '@belfry/store';
import { readContent } from '../message/message-content.ts';
import { wireMessage } from '../message/wire-message.ts';
import { type SendPushEffects, sendPush } from '../sender/send-push.ts';
import type { VapidKeyRing } from '../vapid/vapid-key-ring.ts';
import type { AnswerClass } from './classify-answer.ts';
import type { JudgedOutcome, OriginGate } from './origin-gate.ts';
import { remainingTtl } from './remaining-ttl.ts';

export interface AttemptEffects extends SendPushEffects {
  readonly keyRing: VapidKeyRing;
  readonly gate: OriginGate;
  /** The pages that are served now. */
  readonly origins: readonly [string, ...string[]];
  /** See `BelfryOptions.padToBytes`. */
  readonly padToBytes: number;
  /** Told of a message that some devices may be unable to take. */
  warnOfSize(message: Delivery['message'], bytes: number): void;
}

/** The answer's meaning, or why nothing was sent. */
export type AttemptOutcome = JudgedOutcome | { readonly kind: 'expired' };

/** A device's pages may be served elsewhere by now, and size and urls were checked for today's origins. */
function pageOriginOf({ pageOrigin }: Device, origins: AttemptEffects['origins']): string {
  return pageOrigin !== null && origins.includes(pageOrigin) ? pageOrigin : origins[0];
}

/** Takes a message for one device to its push service, once, unless that takes nothing now. Rejects for an abort. */
export async function attemptDelivery(
  delivery: Delivery,
  effects: AttemptEffects,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { message, device, attempts } = delivery;
  const keys = effects.keyRing.find(device.vapidPublicKey);
  if (keys === undefined) return { kind: 'key-mismatch', scope: 'device' };
  const ttl = remainingTtl(message, { now: effects.clock.now(), attempts });
  if (ttl === undefined) return { kind: 'expired' };
  const route = { origin: endpointOrigin(device.endpoint), key: keys.publicKey, deviceId: device.id };
  return await effects.gate.pass(route, () => send(delivery, { effects, keys, ttl, signal }));
}

interface SendOptions {
  readonly effects: AttemptEffects;
  readonly keys: VapidKeys;
  readonly ttl: Ttl;
  readonly signal: AbortSignal;
}

async function send({ message, device }: Delivery, options: SendOptions): Promise<AnswerClass> {
  const { effects, keys, ttl, signal } = options;
  const { padToBytes } = effects;
  const { endpoint, p256dh, auth } = device;
  const content = readContent(message.content);
  const { urgency, topic } = content.options;
  const plaintext = Buffer.from(
    wireMessage(content.message, {
      ids: { id: message.id, binding: device.binding, seq: message.seq },
      pageOrigin: pageOriginOf(device, effects.origins),
    }),
  );
  const push = { endpoint, p256dh, auth, plaintext, ttl, urgency, topic, keys, padToBytes };
  const { outcome, warnings, plaintextBytes } = await sendPush(push, effects, signal);
  if (warnings.includes('too-large-for-some-devices')) effects.warnOfSize(message, plaintextBytes);
  return outcome;
}
