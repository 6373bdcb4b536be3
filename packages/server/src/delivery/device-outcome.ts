import type { PublicDeviceId } from '@belfry/store';

/**
 * What came of a message at one device. `accepted` means that the push service took it, not that anybody saw it.
 *
 * - `gone`: the subscription is no more (404, 410); the device is left out from now on
 * - `key-mismatch`: it was made for a VAPID key that this server does not have
 * - `misconfigured`: the push service refuses this server (401, 403); the device is not to blame
 * - `throttled`, `retrying`: not now; it is tried again at `retryAt` (ms since 1970)
 * - `expired`: its time to live ended first
 * - `rejected`: the push service will not take this message (`status`), or nothing could be sent (0)
 */
export type DeviceOutcome = { readonly deviceId: PublicDeviceId } & (
  | { readonly outcome: 'accepted' | 'gone' | 'key-mismatch' | 'expired' }
  | { readonly outcome: 'misconfigured' | 'rejected'; readonly status: number }
  | { readonly outcome: 'throttled' | 'retrying'; readonly retryAt: number }
);
