import { branded } from '@belfry/protocol';
import type { Attempt } from '../delivery/attempt-delivery.ts';

/** An attempt at a message of 60 s for a device that has no failures. */
export function anAttempt(change: Pick<Attempt, 'attempts' | 'expiresAt'> & Partial<Attempt['device']>): Attempt {
  const { attempts, expiresAt, ...device } = change;
  return {
    message: {
      stored: { id: branded('message'), seq: branded(7), content: '{}', receiptKey: null },
      options: { ttl: branded(60) },
      plaintextFor: () => Buffer.from('{}'),
    },
    device: {
      id: branded(3),
      publicId: branded('device'),
      binding: branded('binding'),
      endpoint: branded('https://push.example.net/1'),
      p256dh: branded(new Uint8Array(65)),
      auth: branded(new Uint8Array(16)),
      vapidPublicKey: branded('key'),
      pageOrigin: null,
      userId: 1,
      isFailing: false,
      isProven: true,
      ...device,
    },
    attempts,
    expiresAt,
  };
}
