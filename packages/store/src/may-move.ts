import type { SaveDevice } from './device.ts';
import { hasKeys, type KnownSubscription } from './renew-subscription.ts';

interface KnownDevice extends Pick<KnownSubscription, 'p256dh' | 'auth'> {
  readonly secretHash: Uint8Array | null;
}

/**
 * Whether a live device may become another user's. Its keys alone do not prove the browser: a former user may have noted them.
 * The secret that it has now is known to its browser only.
 */
export function mayMove(device: KnownDevice, given: Pick<SaveDevice, 'p256dh' | 'auth' | 'secretHash'>): boolean {
  if (device.secretHash === null || given.secretHash === null) return false;
  return hasKeys(device, given) && Buffer.compare(device.secretHash, given.secretHash) === 0;
}
