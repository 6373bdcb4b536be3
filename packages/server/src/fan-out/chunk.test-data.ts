import { branded } from '@belfry/protocol';
import type { ChunkLease, DeliveryDevice } from '@belfry/store';

export const chunkOfTest: ChunkLease = {
  id: branded(1),
  token: 1,
  message: { id: branded('message'), seq: branded(1), content: '{}', receiptKey: null },
  origin: branded('https://push.example.net'),
  cursor: branded(0),
  expiresAt: Number.MAX_SAFE_INTEGER,
  devicesPerSecond: null,
};

/** A device of this user. */
export function deviceOf(userId: number): DeliveryDevice {
  return {
    id: branded(userId),
    publicId: branded(`device-${userId}`),
    binding: branded('binding'),
    endpoint: branded(`https://push.example.net/${userId}`),
    p256dh: branded(new Uint8Array(65)),
    auth: branded(new Uint8Array(16)),
    vapidPublicKey: branded('key'),
    pageOrigin: null,
    userId,
    isFailing: false,
    isProven: false,
  };
}
