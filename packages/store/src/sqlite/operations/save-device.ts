import type { DatabaseSync } from 'node:sqlite';
import { branded, endpointOrigin, endpointSpellings } from '@belfry/protocol';
import type { SaveDevice, SaveDeviceOutcome } from '../../device.ts';
import { mayMove } from '../../may-move.ts';
import { renewSubscription } from '../../renew-subscription.ts';
import { blobOrNull, integer, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareLimitDevices } from './limit-devices.ts';
import { prepareRetiredSecrets } from './retired-secrets.ts';
import { SET_SUBSCRIPTION, toKnownSubscription } from './set-subscription.ts';
import { prepareUserRow } from './user-row.ts';

/** See `Store.saveDevice`. */
export function prepareSaveDevice(database: DatabaseSync): (device: SaveDevice) => SaveDeviceOutcome {
  const userRow = prepareUserRow(database);
  const dropDeliveries = prepareDropDeliveries(database);
  const secrets = prepareRetiredSecrets(database);
  const limitDevices = prepareLimitDevices(database);
  // Of several devices, which a store may have from before endpoints were looked up in all spellings, another user's goes first: then
  // nobody keeps a claim to somebody else's subscription. Of one user's, the one with the same spelling does.
  const findLive = database.prepare(`
    SELECT *, count(*) OVER () AS devices FROM devices
    WHERE endpoint IN (SELECT value FROM json_each(:spellings)) AND state = 'live'
    ORDER BY user_id = :user, endpoint <> :endpoint LIMIT 1`);
  // The same subscription again after it was thought gone, or the same browser with a new subscription. Each part reads an index of
  // its own; the plus keeps SQLite from reading all devices of the user.
  const findOwn = database.prepare(`
    SELECT * FROM devices WHERE id = coalesce(
      (SELECT max(id) FROM devices
        WHERE endpoint IN (SELECT value FROM json_each(:spellings)) AND state = 'gone' AND +user_id = :user),
      (SELECT id FROM devices WHERE secret_hash = :secretHash AND +user_id = :user AND worker_scope IS :workerScope
        ORDER BY id DESC LIMIT 1),
      (SELECT id FROM devices WHERE public_id = :publicId AND +user_id = :user))`);
  const findFormer = database.prepare(`
    SELECT 1 FROM devices
    WHERE endpoint IN (SELECT value FROM json_each(?)) AND state = 'gone' AND +user_id <> ? LIMIT 1`);
  const insert = database.prepare(`
    INSERT INTO devices (public_id, user_id, binding, session_id, secret_hash, endpoint, push_origin, p256dh, auth,
      vapid_public_key, expiration_time, refused_at, page_origin, worker_scope, time_zone, lang, created_at, updated_at)
    VALUES (:publicId, :user, :binding, :sessionId, :secretHash, :endpoint, :pushOrigin, :p256dh, :auth,
      :vapidPublicKey, :expirationTime, :refusedAt, :pageOrigin, :workerScope, :timeZone, :lang, :now, :now)`);
  // What the caller did not say is kept as it was.
  const update = database.prepare(`
    UPDATE devices SET ${SET_SUBSCRIPTION}, public_id = :publicId, user_id = :user, binding = :binding,
      session_id = :sessionId,
      secret_hash = coalesce(:secretHash, secret_hash),
      page_origin = coalesce(:pageOrigin, page_origin), worker_scope = coalesce(:workerScope, worker_scope),
      time_zone = coalesce(:timeZone, time_zone), lang = coalesce(:lang, lang),
      silent_since = CASE WHEN user_id = :user AND endpoint = :endpoint THEN silent_since END
    WHERE id = :id`);
  const leaveTopics = database.prepare('DELETE FROM topic_devices WHERE device_id = ?');

  return ({ userId, newPublicId, newBinding, newestVapidKey, now, limits, publicId: ownId = null, ...device }) => {
    const { endpoint, workerScope } = device;
    const spellings = JSON.stringify(endpointSpellings(endpoint));
    const user = userRow(userId, now);
    const live = findLive.get({ spellings, endpoint, user });
    const standing = device.secretHash === null ? 'usable' : secrets.standing(device.secretHash, user);
    const isOthers = live !== undefined && integer(live, 'user_id') !== user;
    const row = live ?? findOwn.get({ user, spellings, secretHash: device.secretHash, workerScope, publicId: ownId });
    const isFormers = live === undefined && findFormer.get(spellings, user) !== undefined;
    const known = row === undefined ? null : blobOrNull(row, 'secret_hash');
    const renewSecret = standing !== 'usable';
    // A request of a former user, or of before a sign-out, which arrives late or is repeated: it must neither take the device back nor
    // make one that nobody could remove.
    if (standing === 'retired' && (row === undefined || isOthers)) return { outcome: 'secret-retired' };
    const isOnly = live === undefined || integer(live, 'devices') === 1;
    if (isOthers && !(isOnly && mayMove({ ...toKnownSubscription(live), secretHash: known }, device))) {
      return { outcome: 'endpoint-conflict' };
    }
    if (renewSecret && device.secretHash !== null) secrets.retire({ secretHash: device.secretHash, user, now });
    const secretHash = renewSecret ? null : device.secretHash;
    const { isRefused, ...renewed } = renewSubscription(row && toKnownSubscription(row), {
      ...device,
      newestVapidKey,
      // Whoever may know the secret that came may have noted the subscription too.
      isOthers: isFormers || renewSecret,
      now,
    });
    const outcome = { vapidPublicKey: renewed.vapidPublicKey, isRefused, renewSecret };
    const values = { ...device, ...renewed, secretHash, user, now, pushOrigin: endpointOrigin(endpoint) };
    if (row === undefined) {
      const inserted = insert.run({ ...values, publicId: newPublicId, binding: newBinding });
      const endedBindings = limitDevices({ user, deviceId: Number(inserted.lastInsertRowid), secretHash, limits, now });
      return { outcome: 'created', publicId: newPublicId, binding: newBinding, endedBindings, ...outcome };
    }
    const id = integer(row, 'id');
    const binding = branded<string, 'Binding'>(text(row, 'binding'));
    if (secretHash !== null && known !== null && Buffer.compare(known, secretHash) !== 0) {
      secrets.retire({ secretHash: known, user, now });
    }
    if (!isOthers) {
      const publicId = branded<string, 'PublicDeviceId'>(text(row, 'public_id'));
      update.run({ ...values, id, publicId, binding });
      const endedBindings = limitDevices({ user, deviceId: id, secretHash: secretHash ?? known, limits, now });
      return { outcome: 'updated', publicId, binding, endedBindings, ...outcome };
    }
    update.run({ ...values, id, publicId: newPublicId, binding: newBinding });
    leaveTopics.run(id);
    dropDeliveries([id], now);
    const endedBindings = [binding, ...limitDevices({ user, deviceId: id, secretHash, limits, now })];
    return { outcome: 'moved', publicId: newPublicId, binding: newBinding, endedBindings, ...outcome };
  };
}
