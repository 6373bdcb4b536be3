import { endpointSpellings, type VapidPublicKey } from '@belfry/protocol';
import type { SaveDevice } from './device.ts';

/** The subscription that a device has, when another or the same is saved for it. */
export interface KnownSubscription {
  readonly endpoint: string;
  readonly p256dh: Uint8Array;
  readonly auth: Uint8Array;
  readonly vapidPublicKey: VapidPublicKey;
  readonly isGone: boolean;
  readonly refusedAt: number | null;
}

export interface RenewedSubscription {
  readonly vapidPublicKey: VapidPublicKey;
  /** See `Device.refusedAt`. */
  readonly refusedAt: number | null;
  /** See `SavedDevice.isRefused`. */
  readonly isRefused: boolean;
}

interface GivenSubscription
  extends Pick<SaveDevice, 'endpoint' | 'p256dh' | 'auth' | 'vapidPublicKey' | 'newestVapidKey' | 'now'> {
  /** Another user had this endpoint before, or may have: they may have noted it with its keys. */
  readonly isOthers?: boolean;
}

/**
 * What becomes of a device's key, and of what its push service said of it. A device whose endpoint was gone, or was another user's,
 * stays marked until another endpoint takes its place: the page that is told so may be closed before it has subscribed again.
 */
export function renewSubscription(known: KnownSubscription | undefined, given: GivenSubscription): RenewedSubscription {
  const isSameEndpoint =
    known !== undefined && endpointSpellings(given.endpoint).some((spelling) => spelling === known.endpoint);
  const keptVapidKey = isSameEndpoint && hasKeys(known, given) ? known.vapidPublicKey : null;
  const vapidPublicKey = given.vapidPublicKey ?? keptVapidKey ?? given.newestVapidKey;
  const refusedBefore = vapidPublicKey === keptVapidKey ? (known?.refusedAt ?? null) : null;
  const isOfNoUse = given.isOthers === true || (isSameEndpoint && known.isGone);
  const refusedAt = refusedBefore ?? (isOfNoUse ? given.now : null);
  return { vapidPublicKey, refusedAt, isRefused: refusedAt !== null };
}

/** Whether the subscription has the same two keys. */
export function hasKeys(
  known: Pick<KnownSubscription, 'p256dh' | 'auth'>,
  { p256dh, auth }: Pick<SaveDevice, 'p256dh' | 'auth'>,
): boolean {
  return Buffer.compare(known.p256dh, p256dh) === 0 && Buffer.compare(known.auth, auth) === 0;
}
