import { endpointOrigin } from '@belfry/protocol';
import type { SaveDevice } from '../../device.ts';
import type { RenewedSubscription } from '../../renew-subscription.ts';
import type { Value } from '../database.ts';

/**
 * Of an UPDATE of `devices`: the subscription, for which the device is live, whatever became of the one before. Its values are
 * `$1` to `$8`.
 */
export const SET_SUBSCRIPTION = `
  endpoint = $1, push_origin = $2, p256dh = $3, auth = $4, vapid_public_key = $5, expiration_time = $6,
  refused_at = $7,
  failures = CASE WHEN state = 'live' AND endpoint = $1 THEN failures ELSE 0 END,
  failing_since = CASE WHEN state = 'live' AND endpoint = $1 THEN failing_since END,
  accepted_at = CASE WHEN state = 'live' AND endpoint = $1 AND p256dh = $3 AND auth = $4 AND vapid_public_key = $5
    THEN accepted_at END,
  state = 'live', gone_at = NULL, updated_at = $8`;

type SubscriptionToSave = Pick<SaveDevice, 'endpoint' | 'p256dh' | 'auth' | 'expirationTime' | 'now'>;

/** The values of {@link SET_SUBSCRIPTION}. */
export function subscriptionValues(
  { endpoint, p256dh, auth, expirationTime, now }: SubscriptionToSave,
  { vapidPublicKey, refusedAt }: RenewedSubscription,
): readonly Value[] {
  return [endpoint, endpointOrigin(endpoint), p256dh, auth, vapidPublicKey, expirationTime, refusedAt, now];
}
