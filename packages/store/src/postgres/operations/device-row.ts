import { branded } from '@belfry/protocol';
import type { Device } from '../../device.ts';
import { bytes, integer, integerOrNull, type Row, text, textOrNull } from '../row.ts';

/** The columns that {@link toDevice} reads, for `FROM devices d JOIN users u ON u.id = d.user_id`. */
export const DEVICE_COLUMNS = `
  d.id, d.public_id, u.external_id, d.session_id, d.binding, d.endpoint, d.p256dh, d.auth, d.vapid_public_key,
  d.expiration_time, d.page_origin, d.worker_scope, d.time_zone, d.lang, d.state, d.refused_at, d.silent_since`;

export function toDevice(row: Row): Device {
  const [id, publicId, userId, sessionId, binding, endpoint, p256dh, auth, vapidPublicKey, ...rest] = row;
  const [expirationTime, pageOrigin, workerScope, timeZone, lang, state, refusedAt, silentSince] = rest;
  return {
    id: branded(integer(id)),
    publicId: branded(text(publicId)),
    userId: branded(text(userId)),
    sessionId: sessionId === null ? null : branded(text(sessionId)),
    binding: branded(text(binding)),
    endpoint: branded(text(endpoint)),
    p256dh: branded(bytes(p256dh)),
    auth: branded(bytes(auth)),
    vapidPublicKey: branded(text(vapidPublicKey)),
    expirationTime: integerOrNull(expirationTime),
    pageOrigin: textOrNull(pageOrigin),
    workerScope: textOrNull(workerScope),
    timeZone: textOrNull(timeZone),
    lang: textOrNull(lang),
    state: state === 'live' ? 'live' : 'gone',
    refusedAt: integerOrNull(refusedAt),
    silentSince: integerOrNull(silentSince),
  };
}
