import { branded } from '@belfry/protocol';
import type { DeliveryDevice } from '../../message.ts';
import { bytes, integer, type Row, text, textOrNull } from '../row.ts';

/** The columns that {@link toDeliveryDevice} reads, for `FROM devices d`. They are the first of their row. */
export const DELIVERY_DEVICE_COLUMNS = `
  d.id, d.public_id, d.binding, d.endpoint, d.p256dh, d.auth, d.vapid_public_key, d.page_origin,
  d.user_id, d.failures > 0 AS is_failing, d.accepted_at IS NOT NULL AS is_proven`;

/** How many they are. */
export const DELIVERY_DEVICE_WIDTH = 11;

export function toDeliveryDevice(row: Row): DeliveryDevice {
  const [id, publicId, binding, endpoint, p256dh, auth, vapidPublicKey, pageOrigin, userId, isFailing, isProven] = row;
  return {
    id: branded(integer(id)),
    publicId: branded(text(publicId)),
    binding: branded(text(binding)),
    endpoint: branded(text(endpoint)),
    p256dh: branded(bytes(p256dh)),
    auth: branded(bytes(auth)),
    vapidPublicKey: branded(text(vapidPublicKey)),
    pageOrigin: textOrNull(pageOrigin),
    userId: integer(userId),
    isFailing: isFailing === true,
    isProven: isProven === true,
  };
}
