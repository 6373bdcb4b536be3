import type { DatabaseSync } from 'node:sqlite';
import { branded, endpointOrigin } from '@belfry/protocol';
import type { SaveDevice, SaveDeviceOutcome } from '../../device.ts';
import { blob, integer, type Row, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareUserRow } from './user-row.ts';

type SaveDeviceKeys = Pick<SaveDevice, 'endpoint' | 'p256dh' | 'auth'>;

/** See `Store.saveDevice`. */
export function prepareSaveDevice(database: DatabaseSync): (device: SaveDevice) => SaveDeviceOutcome {
  const userRow = prepareUserRow(database);
  const dropDeliveries = prepareDropDeliveries(database);
  const findLive = database.prepare(`
    SELECT d.*, u.external_id AS user FROM devices d JOIN users u ON u.id = d.user_id
    WHERE d.endpoint = ? AND d.state = 'live'`);
  // The same subscription again after it was thought gone, or the same browser with a new subscription.
  const findOwn = database.prepare(`
    SELECT * FROM devices
    WHERE user_id = :user AND (
      (state = 'gone' AND endpoint = :endpoint) OR (secret_hash = :secretHash AND worker_scope IS :workerScope))
    ORDER BY endpoint = :endpoint DESC, id DESC LIMIT 1`);
  const insert = database.prepare(`
    INSERT INTO devices (public_id, user_id, binding, session_id, secret_hash, endpoint, push_origin, p256dh, auth,
      vapid_public_key, expiration_time, page_origin, worker_scope, time_zone, lang, created_at, updated_at)
    VALUES (:publicId, :user, :binding, :sessionId, :secretHash, :endpoint, :pushOrigin, :p256dh, :auth,
      :vapidPublicKey, :expirationTime, :pageOrigin, :workerScope, :timeZone, :lang, :now, :now)`);
  // What the caller did not say is kept as it was.
  const update = database.prepare(`
    UPDATE devices SET user_id = :user, binding = :binding, session_id = :sessionId,
      secret_hash = coalesce(:secretHash, secret_hash), endpoint = :endpoint, push_origin = :pushOrigin,
      p256dh = :p256dh, auth = :auth, vapid_public_key = :vapidPublicKey, expiration_time = :expirationTime,
      page_origin = coalesce(:pageOrigin, page_origin), worker_scope = coalesce(:workerScope, worker_scope),
      time_zone = coalesce(:timeZone, time_zone), lang = coalesce(:lang, lang),
      failures = CASE WHEN state = 'live' AND endpoint = :endpoint THEN failures ELSE 0 END,
      failing_since = CASE WHEN state = 'live' AND endpoint = :endpoint THEN failing_since END,
      key_mismatch_at = CASE WHEN :isSameSubscription THEN key_mismatch_at END,
      state = 'live', gone_at = NULL, updated_at = :now
    WHERE id = :id`);
  // A secret is good for its own device under its own user only.
  const forgetSecret = database.prepare('UPDATE devices SET secret_hash = NULL WHERE id = ?');
  const leaveTopics = database.prepare('DELETE FROM topic_devices WHERE device_id = ?');

  return ({ userId, newPublicId, newBinding, newestVapidKey, now, ...device }) => {
    const live = findLive.get(device.endpoint);
    const holder = live && text(live, 'user');
    if (live && holder !== userId && !hasKeys(live, device)) return { outcome: 'endpoint-conflict' };
    const user = userRow(userId, now);
    const { endpoint, secretHash, workerScope } = device;
    const row = live ?? findOwn.get({ user, endpoint, secretHash, workerScope });
    const keptVapidKey = row && vapidKeyOfUnchanged(row, device);
    const vapidPublicKey = device.vapidPublicKey ?? keptVapidKey ?? newestVapidKey;
    const values = { ...device, vapidPublicKey, user, now, pushOrigin: endpointOrigin(endpoint) };
    if (row === undefined) {
      insert.run({ ...values, publicId: newPublicId, binding: newBinding });
      return { outcome: 'created', publicId: newPublicId, binding: newBinding };
    }
    const id = integer(row, 'id');
    const changed = { ...values, id, isSameSubscription: Number(keptVapidKey === vapidPublicKey) };
    const publicId = branded<string, 'PublicDeviceId'>(text(row, 'public_id'));
    if (integer(row, 'user_id') === user) {
      const binding = branded<string, 'Binding'>(text(row, 'binding'));
      update.run({ ...changed, binding });
      return { outcome: 'updated', publicId, binding };
    }
    forgetSecret.run(id);
    update.run({ ...changed, binding: newBinding });
    leaveTopics.run(id);
    dropDeliveries(id, now);
    return { outcome: 'moved', publicId, binding: newBinding };
  };
}

/** The VAPID key of a subscription that has not changed. */
function vapidKeyOfUnchanged(row: Row, device: SaveDeviceKeys): string | undefined {
  const unchanged = text(row, 'endpoint') === device.endpoint && hasKeys(row, device);
  return unchanged ? text(row, 'vapid_public_key') : undefined;
}

function hasKeys(row: Row, { p256dh, auth }: SaveDeviceKeys): boolean {
  return Buffer.compare(blob(row, 'p256dh'), p256dh) === 0 && Buffer.compare(blob(row, 'auth'), auth) === 0;
}
