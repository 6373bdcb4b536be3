import { createPushRequest, encrypt, endpointOrigin } from '@belfry/protocol';
import type { Delivery, Device } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { readContent } from '../message/message-content.ts';
import { wireMessage } from '../message/wire-message.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import type { VapidAuthorizer } from '../vapid/vapid-authorizer.ts';
import type { VapidKeyRing } from '../vapid/vapid-key-ring.ts';
import { type AnswerClass, classifyAnswer } from './classify-answer.ts';
import { remainingTtl } from './remaining-ttl.ts';

export interface AttemptEffects {
  readonly clock: Clock;
  readonly keyRing: VapidKeyRing;
  readonly authorize: VapidAuthorizer;
  readonly transport: PushTransport;
  /** The pages that are served now. */
  readonly origins: readonly [string, ...string[]];
}

/** The answer's meaning, or why nothing was sent. */
export type AttemptOutcome = AnswerClass | { readonly kind: 'key-mismatch' | 'expired' };

/** A device's pages may be served elsewhere by now, and size and urls were checked for today's origins. */
function pageOriginOf({ pageOrigin }: Device, origins: AttemptEffects['origins']): string {
  return pageOrigin !== null && origins.includes(pageOrigin) ? pageOrigin : origins[0];
}

/** Encrypts a message for one device and takes it to its push service, once. Rejects for an abort. */
export async function attemptDelivery(
  { message, device, attempts }: Delivery,
  effects: AttemptEffects,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const keys = effects.keyRing.find(device.vapidPublicKey);
  if (keys === undefined) return { kind: 'key-mismatch' };
  const ttl = remainingTtl(message, { now: effects.clock.now(), attempts });
  if (ttl === undefined) return { kind: 'expired' };

  const content = readContent(message.content);
  const plaintext = wireMessage(content.message, {
    ids: { id: message.id, binding: device.binding, seq: message.seq },
    pageOrigin: pageOriginOf(device, effects.origins),
  });
  const { urgency, topic } = content.options;
  const request = createPushRequest({
    endpoint: device.endpoint,
    body: encrypt({ plaintext: Buffer.from(plaintext), p256dh: device.p256dh, auth: device.auth }),
    ttl,
    ...(urgency === undefined ? {} : { urgency }),
    ...(topic === undefined ? {} : { topic }),
    authorization: effects.authorize(endpointOrigin(device.endpoint), keys),
  });
  return classifyAnswer(await effects.transport.send(request, signal), effects.clock.now());
}
