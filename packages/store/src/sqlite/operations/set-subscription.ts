import { branded } from '@belfry/protocol';
import type { KnownSubscription } from '../../renew-subscription.ts';
import { blob, integerOrNull, type Row, text } from '../row.ts';

/** Of an UPDATE of `devices`: the subscription, for which the device is live, whatever became of the one before. */
export const SET_SUBSCRIPTION = `
  endpoint = :endpoint, push_origin = :pushOrigin, p256dh = :p256dh, auth = :auth, vapid_public_key = :vapidPublicKey,
  expiration_time = :expirationTime, refused_at = :refusedAt,
  failures = CASE WHEN state = 'live' AND endpoint = :endpoint THEN failures ELSE 0 END,
  failing_since = CASE WHEN state = 'live' AND endpoint = :endpoint THEN failing_since END,
  accepted_at = CASE WHEN state = 'live' AND endpoint = :endpoint AND p256dh = :p256dh AND auth = :auth
    AND vapid_public_key = :vapidPublicKey THEN accepted_at END,
  state = 'live', gone_at = NULL, updated_at = :now`;

/** The subscription that a row of `devices` has. */
export function toKnownSubscription(row: Row): KnownSubscription {
  return {
    endpoint: text(row, 'endpoint'),
    p256dh: blob(row, 'p256dh'),
    auth: blob(row, 'auth'),
    vapidPublicKey: branded(text(row, 'vapid_public_key')),
    isGone: text(row, 'state') === 'gone',
    refusedAt: integerOrNull(row, 'refused_at'),
  };
}
