import type { AuthSecret, Endpoint, P256dh, VapidPublicKey } from '@belfry/protocol';
import type { DeviceLimits } from './device-limits.ts';
import type { Binding, DeviceId, PublicDeviceId, SessionId, UserId } from './ids.ts';

/** One push subscription, as the Push API has it, and the VAPID key that it was made for. */
export interface Subscription {
  readonly endpoint: Endpoint;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  readonly vapidPublicKey: VapidPublicKey;
  /** Milliseconds since 1970, where the push service says one. */
  readonly expirationTime: number | null;
}

/** What the page or the worker knows of where it runs; null where it did not say. */
export interface DeviceContext {
  /** Origin of the pages that the subscription serves; urls in messages resolve against it. */
  readonly pageOrigin: string | null;
  /** URL of the service worker's scope. */
  readonly workerScope: string | null;
  /** IANA name. */
  readonly timeZone: string | null;
  /** BCP 47 tag. */
  readonly lang: string | null;
}

/** `gone`: the push service says that the subscription is no more; kept for a while, so that its worker can revive it. */
export type DeviceState = 'live' | 'gone';

/** One push subscription and what is known of it. */
export interface Device extends Subscription, DeviceContext {
  readonly id: DeviceId;
  readonly publicId: PublicDeviceId;
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly binding: Binding;
  readonly state: DeviceState;
  /**
   * Since when its browser has to subscribe again (ms since 1970): its push service refuses the key that it subscribed with, or its
   * endpoint was gone, or a former user of the browser had the endpoint and may have noted it with its keys. Null where none of
   * this is so; a new subscription clears it, and another key.
   */
  readonly refusedAt: number | null;
  /**
   * When the first message was accepted that it should have reported and did not (ms since 1970); any receipt clears it. Long
   * ago: its browser is not there any more, or shows nothing. Broadcasts do not count, as not every device reports those.
   */
  readonly silentSince: number | null;
}

export interface SaveDevice extends Omit<Subscription, 'vapidPublicKey'>, DeviceContext {
  /**
   * Null where the caller did not say: then an unchanged subscription keeps the key that it has, since after a rotation
   * that may be an older one, and any other has `newestVapidKey`.
   */
  readonly vapidPublicKey: VapidPublicKey | null;
  readonly newestVapidKey: VapidPublicKey;
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  /** How long ago its request came, in milliseconds. A session that has ended since then gets no device. Default 0. */
  readonly requestAgeMs?: number;
  /** SHA-256 of the secret that the client made; null where it sent none. */
  readonly secretHash: Uint8Array | null;
  /**
   * Which device the caller says it is. Where neither endpoint nor secret finds a device, a device of the user with this id gets the
   * subscription: a browser that changed hands comes back with a new endpoint and a new secret at once.
   */
  readonly publicId?: PublicDeviceId | null;
  /** What the user has beyond these is removed, but for this device; no limit where it is not set. */
  readonly limits?: DeviceLimits;
  /** Used where the device is new or changes hands. */
  readonly newPublicId: PublicDeviceId;
  /** Used where the device is new or changes hands. */
  readonly newBinding: Binding;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a subscription became. */
export interface SavedDevice {
  readonly publicId: PublicDeviceId;
  readonly binding: Binding;
  /** The key that it is known to be subscribed with now. */
  readonly vapidPublicKey: VapidPublicKey;
  /** Its browser has to subscribe again: see `Device.refusedAt`. */
  readonly isRefused: boolean;
  /** The former user's binding where the device moved, and those of devices that were removed. They are never used again. */
  readonly endedBindings: readonly Binding[];
}

/**
 * Whether a device of a user may have a secret. `retired`: a device has had it before, and a former user of its browser may
 * know it. `shared`: a device of another user has it.
 */
export type SecretStanding = 'usable' | 'shared' | 'retired';

/**
 * `updated`: the user's own device, the same id and binding as before. `moved`: it was another user's, and the caller sent its keys
 * and the secret that it had, which is retired. The device has a new id, a new binding and no secret, and `renewSecret` and
 * `isRefused` are true: the former user may have noted secret, endpoint and keys.
 * `endpoint-conflict`: it is another user's, and the caller sent other keys, or another secret, or none. `secret-retired`: the caller
 * has no such device, and sent a secret that is retired. `session-ended`: its session has ended since its request came. In these
 * three cases nothing changed. All endpoints of one subscription (`endpointSpellings`) count as the same endpoint.
 */
export type SaveDeviceOutcome =
  | (SavedDevice & {
      readonly outcome: 'created' | 'updated' | 'moved';
      /** The device was saved without the secret that the caller sent, since somebody else may know it. */
      readonly renewSecret: boolean;
    })
  | { readonly outcome: 'endpoint-conflict' | 'secret-retired' | 'session-ended' };

/** Who says to be a device: its public id, and the hash of the secret that only its browser has. */
export interface DeviceProof {
  readonly publicId: PublicDeviceId;
  /** SHA-256 of the secret. */
  readonly secretHash: Uint8Array;
}

/** A new subscription of a device that is known, gone or not. */
export interface ResubscribeDevice extends Omit<Subscription, 'vapidPublicKey'>, DeviceProof {
  /** See {@link SaveDevice.vapidPublicKey}. */
  readonly vapidPublicKey: VapidPublicKey | null;
  readonly newestVapidKey: VapidPublicKey;
  /** See {@link SaveDevice.limits}. */
  readonly limits?: DeviceLimits;
  readonly now: number;
}

/** `updated`: live, the same id, user and binding as before. In the other cases nothing changed. */
export type ResubscribeOutcome =
  | (SavedDevice & { readonly outcome: 'updated' })
  | { readonly outcome: 'unknown-device' | 'endpoint-conflict' };

export interface RemovedDevices {
  /** The bindings of the devices that were removed. They are never used again. */
  readonly endedBindings: readonly Binding[];
  /** How many of the devices were not gone. */
  readonly live: number;
}

export interface RemoveDevice {
  readonly device: { readonly endpoint: Endpoint } | { readonly publicId: PublicDeviceId };
  /** Whoever asks: only the owner's device is removed. */
  readonly owner: { readonly userId: UserId } | { readonly secretHash: Uint8Array };
  readonly now: number;
}
