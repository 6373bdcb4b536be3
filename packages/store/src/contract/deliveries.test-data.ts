import { expect } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome, AttemptResult, Delivery, EnqueueMessage } from '../message.ts';
import type { Store } from '../store.ts';

/** What came of a delivery, under the lease that it was taken with. */
export function ended(delivery: Delivery | undefined, outcome: AttemptOutcome, now = NOW): AttemptResult {
  const { message, device, lease } = there(delivery);
  return { seq: message.seq, deviceId: device.id, now, lease, ...outcome };
}

export function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('there is none');
  return value;
}

/** Enqueues a message that is to be sent at once, to a small audience. */
export async function sendNow(store: Store, message: EnqueueMessage): Promise<readonly Delivery[]> {
  const enqueued = await store.enqueueMessage(message);
  if (enqueued.outcome !== 'sending') throw new Error(`the message is ${enqueued.outcome}`);
  return enqueued.deliveries;
}

/** What sending to a new device takes, as the store must give it. */
export function sentTo(device: SaveDevice) {
  const { newPublicId, newBinding, endpoint, p256dh, auth, vapidPublicKey, pageOrigin } = device;
  return {
    endpoint,
    p256dh,
    auth,
    vapidPublicKey,
    pageOrigin,
    id: expect.any(Number),
    publicId: newPublicId,
    binding: newBinding,
    userId: expect.any(Number),
    isFailing: false,
    isProven: false,
  };
}
