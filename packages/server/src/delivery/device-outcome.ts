import type { AttemptOutcome as RecordedOutcome, PublicDeviceId } from '@belfry/store';
import type { AttemptOutcome } from './attempt-delivery.ts';

/**
 * What came of a message at one device. `accepted` means that the push service took it, not that anybody saw it.
 *
 * - `gone`: the subscription is no more (404, 410); the device is left out from now on
 * - `key-mismatch`: it was made for another VAPID key, or for one that this server does not have
 * - `misconfigured`: the push service refuses this server's token (401, 403), and nothing says that the device is to blame.
 *   It is tried again at `retryAt`; without `retryAt`, this message's time ends first
 * - `throttled`, `retrying`: not now; it is tried again at `retryAt` (ms since 1970)
 * - `expired`: its time to live ended first
 * - `rejected`: the push service will not take this message (`status`), or nothing could be sent (0)
 */
export type DeviceOutcome = { readonly deviceId: PublicDeviceId } & (
  | { readonly outcome: 'accepted' | 'gone' | 'key-mismatch' | 'expired' }
  | { readonly outcome: 'misconfigured'; readonly status: number; readonly retryAt?: number }
  | { readonly outcome: 'rejected'; readonly status: number }
  | { readonly outcome: 'throttled' | 'retrying'; readonly retryAt: number }
);

export function deviceOutcome(
  deviceId: PublicDeviceId,
  { outcome, recorded }: { outcome: AttemptOutcome; recorded: RecordedOutcome },
): DeviceOutcome {
  const retryAt = recorded.state === 'retrying' ? recorded.runAt : undefined;
  switch (outcome.kind) {
    case 'accepted':
    case 'gone':
    case 'key-mismatch':
    case 'expired':
      return { deviceId, outcome: outcome.kind };
    case 'rejected':
      return { deviceId, outcome: 'rejected', status: outcome.status };
    case 'throttled':
    case 'retrying':
      return waiting(outcome.kind);
    case 'held': {
      if (outcome.because !== 'misconfigured') return waiting(outcome.because);
      const { status } = outcome;
      return { deviceId, outcome: 'misconfigured', status, ...(retryAt === undefined ? {} : { retryAt }) };
    }
  }

  function waiting(kind: 'throttled' | 'retrying'): DeviceOutcome {
    return retryAt === undefined ? { deviceId, outcome: 'expired' } : { deviceId, outcome: kind, retryAt };
  }
}
