import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { branded, generateVapidKeys, parseAuthSecret, parseP256dh } from '@belfry/protocol';
import type { DeviceProof, ResubscribeDevice, SaveDevice } from './device.ts';

export const NOW = 1_700_000_000_000;

/** Of a fresh secret. */
export function aHash(): Uint8Array {
  return new Uint8Array(createHash('sha256').update(randomBytes(32)).digest());
}

/** A device of ada's with fresh keys, endpoint, secret and ids. */
export function aDevice(change: Partial<SaveDevice> = {}): SaveDevice {
  const p256dh = parseP256dh(generateVapidKeys().publicKey);
  const auth = parseAuthSecret(randomBytes(16).toString('base64url'));
  if (!p256dh.ok || !auth.ok) throw new Error('fresh keys are well formed');
  return {
    userId: branded('ada'),
    sessionId: null,
    endpoint: branded(`https://push.example.net/${randomUUID()}`),
    p256dh: p256dh.value,
    auth: auth.value,
    vapidPublicKey: generateVapidKeys().publicKey,
    newestVapidKey: generateVapidKeys().publicKey,
    expirationTime: null,
    secretHash: aHash(),
    pageOrigin: 'https://app.example.com',
    workerScope: 'https://app.example.com/',
    timeZone: null,
    lang: null,
    newPublicId: branded(randomUUID()),
    newBinding: branded(randomUUID()),
    now: NOW,
    ...change,
  };
}

/** The same subscription, saved again. */
export function anotherOf(device: SaveDevice): SaveDevice {
  return { ...device, newPublicId: branded(randomUUID()), newBinding: branded(randomUUID()) };
}

/** What the browser of a new device proves itself with. */
export function proofOf({ newPublicId, secretHash }: SaveDevice): DeviceProof {
  if (secretHash === null) throw new Error('the device has no secret');
  return { publicId: newPublicId, secretHash };
}

/** A fresh subscription of a device that was new, for the newest key. */
export function aResubscription(device: SaveDevice, change: Partial<ResubscribeDevice> = {}): ResubscribeDevice {
  const { endpoint, p256dh, auth, newestVapidKey, expirationTime, now } = aDevice();
  const subscription = { endpoint, p256dh, auth, newestVapidKey, expirationTime, now };
  return { ...proofOf(device), ...subscription, vapidPublicKey: null, ...change };
}
