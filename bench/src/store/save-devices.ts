import { randomBytes, randomUUID } from 'node:crypto';
import { type AuthSecret, branded, type Endpoint, type P256dh, type VapidPublicKey } from '@belfry/protocol';
import { parseUserId, type SaveDevice, type Store } from '@belfry/store';
import { parsed } from '../parsed.ts';

export interface NewDevice {
  readonly userId: string;
  readonly endpoint: Endpoint;
  readonly p256dh: P256dh;
  /** Default: a fresh one. */
  readonly auth?: AuthSecret;
  readonly vapidPublicKey: VapidPublicKey;
  readonly timeZone?: string | undefined;
}

/** A device as its first subscribing makes it. */
export function newDevice({ userId, auth, vapidPublicKey, timeZone, ...keys }: NewDevice): SaveDevice {
  return {
    ...keys,
    userId: parsed(parseUserId(userId)),
    sessionId: null,
    auth: auth ?? branded(new Uint8Array(randomBytes(16))),
    vapidPublicKey,
    newestVapidKey: vapidPublicKey,
    expirationTime: null,
    secretHash: randomBytes(32),
    pageOrigin: 'https://app.example.com',
    workerScope: 'https://app.example.com/',
    timeZone: timeZone ?? null,
    lang: null,
    newPublicId: branded(randomUUID()),
    newBinding: branded(randomUUID()),
    now: Date.now(),
  };
}

const SAVED_AT_ONCE = 1_000;

/** Saves so many devices, `device(0)` among the first. */
export async function saveDevices(store: Store, count: number, device: (n: number) => SaveDevice): Promise<void> {
  const save = async (n: number): Promise<void> => {
    const { outcome } = await store.saveDevice(device(n));
    if (outcome !== 'created') throw new Error(`A device was ${outcome}`);
  };
  for (let from = 0; from < count; from += SAVED_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(SAVED_AT_ONCE, count - from) }, (_, n) => save(from + n)));
  }
}
