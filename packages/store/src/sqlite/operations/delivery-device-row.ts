import { branded } from '@belfry/protocol';
import type { DeliveryDevice } from '../../message.ts';
import { blob, integer, type Row, text, textOrNull } from '../row.ts';

/** The columns that {@link toDeliveryDevice} reads, for `FROM devices d`. */
export const DELIVERY_DEVICE_COLUMNS = `
  d.id AS device_id, d.public_id, d.binding, d.endpoint, d.p256dh, d.auth, d.vapid_public_key, d.page_origin,
  d.user_id, d.failures > 0 AS is_failing, d.accepted_at IS NOT NULL AS is_proven`;

export function toDeliveryDevice(row: Row): DeliveryDevice {
  return {
    id: branded(integer(row, 'device_id')),
    publicId: branded(text(row, 'public_id')),
    binding: branded(text(row, 'binding')),
    endpoint: branded(text(row, 'endpoint')),
    p256dh: branded(blob(row, 'p256dh')),
    auth: branded(blob(row, 'auth')),
    vapidPublicKey: branded(text(row, 'vapid_public_key')),
    pageOrigin: textOrNull(row, 'page_origin'),
    userId: integer(row, 'user_id'),
    isFailing: integer(row, 'is_failing') === 1,
    isProven: integer(row, 'is_proven') === 1,
  };
}
