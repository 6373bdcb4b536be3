import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { branded, type VapidPublicKey } from '@belfry/protocol';
import type { SaveDevice, Store } from '@belfry/store';

export interface SaveDevicesOptions {
  readonly count: number;
  readonly vapidPublicKey: VapidPublicKey;
  /** Of the n-th device, from 0 on. */
  endpoint(n: number): string;
}

const SAVED_AT_ONCE = 5_000;

/** Saves so many devices, each of a user of its own, `user-0` first; all have one key, so that none has to be made. */
export async function saveDevices(
  store: Store,
  { count, vapidPublicKey, endpoint }: SaveDevicesOptions,
): Promise<void> {
  const p256dh = new Uint8Array(createECDH('prime256v1').generateKeys());
  const save = (n: number) =>
    store.saveDevice(newDevice({ p256dh, vapidPublicKey, userId: `user-${n}`, endpoint: endpoint(n) }));
  for (let from = 0; from < count; from += SAVED_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(SAVED_AT_ONCE, count - from) }, (_, n) => save(from + n)));
  }
}

export interface NewDevice {
  readonly userId: string;
  readonly endpoint: string;
  readonly vapidPublicKey: VapidPublicKey;
  readonly p256dh: Uint8Array<ArrayBuffer>;
}

export function newDevice({ userId, endpoint, vapidPublicKey, p256dh }: NewDevice): SaveDevice {
  return {
    userId: branded(userId),
    sessionId: null,
    endpoint: branded(endpoint),
    p256dh: branded(p256dh),
    auth: branded(new Uint8Array(randomBytes(16))),
    vapidPublicKey,
    newestVapidKey: vapidPublicKey,
    expirationTime: null,
    secretHash: randomBytes(32),
    pageOrigin: 'https://app.example.com',
    workerScope: 'https://app.example.com/',
    timeZone: null,
    lang: null,
    newPublicId: branded(randomUUID()),
    newBinding: branded(randomUUID()),
    now: Date.now(),
  };
}
