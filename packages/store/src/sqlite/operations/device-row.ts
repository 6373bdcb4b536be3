import { branded } from '@belfry/protocol';
import type { Device } from '../../device.ts';
import { blob, integer, integerOrNull, type Row, text, textOrNull } from '../row.ts';

/** The columns that {@link toDevice} reads, for `FROM devices d JOIN users u ON u.id = d.user_id`. */
export const DEVICE_COLUMNS = `
  d.id AS device_id, d.public_id, u.external_id AS user, d.session_id, d.binding, d.endpoint, d.p256dh, d.auth,
  d.vapid_public_key, d.expiration_time, d.page_origin, d.worker_scope, d.time_zone, d.lang, d.state AS device_state,
  d.refused_at, d.silent_since`;

export function toDevice(row: Row): Device {
  const sessionId = textOrNull(row, 'session_id');
  return {
    id: branded(integer(row, 'device_id')),
    publicId: branded(text(row, 'public_id')),
    userId: branded(text(row, 'user')),
    sessionId: sessionId === null ? null : branded(sessionId),
    binding: branded(text(row, 'binding')),
    endpoint: branded(text(row, 'endpoint')),
    p256dh: branded(blob(row, 'p256dh')),
    auth: branded(blob(row, 'auth')),
    vapidPublicKey: branded(text(row, 'vapid_public_key')),
    expirationTime: integerOrNull(row, 'expiration_time'),
    pageOrigin: textOrNull(row, 'page_origin'),
    workerScope: textOrNull(row, 'worker_scope'),
    timeZone: textOrNull(row, 'time_zone'),
    lang: textOrNull(row, 'lang'),
    state: text(row, 'device_state') === 'live' ? 'live' : 'gone',
    refusedAt: integerOrNull(row, 'refused_at'),
    silentSince: integerOrNull(row, 'silent_since'),
  };
}
