import { endpointSpellings } from '@belfry/protocol';
import type { SaveDevice, SaveDeviceOutcome } from '../../device.ts';
import { mayMove } from '../../may-move.ts';
import { renewSubscription } from '../../renew-subscription.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';
import type { ChangeDevices } from './change-devices.ts';
import { prepareEndedSessions } from './ended-sessions.ts';
import { KNOWN_DEVICE_COLUMNS, toKnownDevice } from './known-device.ts';
import { prepareLimitDevices } from './limit-devices.ts';
import { prepareLockSecret } from './lock-secret.ts';
import { prepareLockSubscription } from './lock-subscription.ts';
import { prepareLockUser } from './lock-user.ts';
import { isUnretired, prepareRetiredSecrets } from './retired-secrets.ts';
import { SET_SUBSCRIPTION, subscriptionValues } from './set-subscription.ts';
import { prepareUserRow } from './user-row.ts';

/**
 * See `Store.saveDevice`. What one client saves is saved one after the other, by a lock on the hash of its secret: two new
 * subscriptions of one browser make one device. Of two who save the same new endpoint at once, the second violates the index,
 * and begins again, with the device in sight. Of two who save one subscription by two of its endpoints, the second waits.
 */
export function prepareSaveDevice({
  database,
  changeDevices,
  elapsed,
}: {
  readonly database: Database;
  readonly changeDevices: ChangeDevices;
  elapsed(): number;
}): (device: SaveDevice) => Promise<SaveDeviceOutcome> {
  const endedSessions = prepareEndedSessions(database);
  const userRow = prepareUserRow(database);
  const lockSecret = prepareLockSecret(database);
  const lockUser = prepareLockUser(database);
  const lockSubscription = prepareLockSubscription(database);
  const secrets = prepareRetiredSecrets(database);
  const limitDevices = prepareLimitDevices(database);
  // The live device with the endpoint; and the same subscription again after it was thought gone, or the same browser with a new
  // subscription. Each part reads an index of its own. Both rows are locked in the order of their ids: a row that was waited for
  // stays locked, even where it has another endpoint or user by then. So what a row is for is asked of the row as it was locked.
  const find = database.prepare(`
    WITH own AS (
      SELECT coalesce(
        (SELECT max(g.id) FROM belfry.devices g WHERE g.endpoint = ANY ($2::TEXT[]) AND g.state = 'gone' AND g.user_id = $1),
        (SELECT max(s.id) FROM belfry.devices s
          WHERE s.secret_hash = $3 AND s.user_id = $1 AND s.worker_scope IS NOT DISTINCT FROM $4
            AND ${isUnretired('s.secret_hash')}),
        (SELECT p.id FROM belfry.devices p WHERE p.public_id = $5 AND p.user_id = $1)) AS id)
    SELECT ${KNOWN_DEVICE_COLUMNS}, d.id = (SELECT id FROM own) FROM belfry.devices d
    WHERE d.id IN (
      SELECT id FROM own UNION ALL SELECT id FROM belfry.devices WHERE endpoint = ANY ($2::TEXT[]) AND state = 'live')
    ORDER BY d.id FOR UPDATE OF d`);
  const findFormer = database.prepare(`
    SELECT EXISTS (
      SELECT 1 FROM belfry.devices WHERE endpoint = ANY ($1::TEXT[]) AND state = 'gone' AND user_id <> $2)`);
  const insert = database.prepare(`
    INSERT INTO belfry.devices (endpoint, push_origin, p256dh, auth, vapid_public_key, expiration_time, refused_at,
      created_at, updated_at, user_id, binding, session_id, secret_hash, page_origin, worker_scope, time_zone, lang,
      public_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    RETURNING id`);
  // What the caller did not say is kept as it was.
  const update = database.prepare(`
    UPDATE belfry.devices SET ${SET_SUBSCRIPTION}, user_id = $9, binding = $10, session_id = $11,
      secret_hash = coalesce($12, secret_hash),
      page_origin = coalesce($13, page_origin), worker_scope = coalesce($14, worker_scope),
      time_zone = coalesce($15, time_zone), lang = coalesce($16, lang),
      silent_since = CASE WHEN user_id = $9 AND endpoint = $1 THEN silent_since END, public_id = $17
    WHERE id = $18`);
  const leaveTopics = database.prepare('DELETE FROM belfry.topic_devices WHERE device_id = $1');

  return (device) => {
    const calledAt = elapsed();
    return changeDevices<SaveDeviceOutcome>({ key: `user:${device.userId}`, now: device.now }, async (transaction) => {
      const { rows } = transaction;
      const { userId, sessionId, newPublicId, endpoint, workerScope, limits, now } = device;
      if (sessionId !== null) {
        const ageMs = () => (device.requestAgeMs ?? 0) + elapsed() - calledAt;
        if (await endedSessions.hasEnded(transaction, { sessionId, ageMs })) return { outcome: 'session-ended' };
      }
      if (device.secretHash !== null) await lockSecret(transaction, device.secretHash);
      const user = await userRow.ensure(transaction, userId, now);
      if (limits !== undefined) await lockUser(transaction, user);
      const spellings = endpointSpellings(endpoint);
      await lockSubscription(transaction, spellings);
      const found = await rows(find, user, spellings, device.secretHash, workerScope, device.publicId ?? null);
      const known = found.map((row) => ({ ...toKnownDevice(row), isOwn: row.at(-1) === true }));
      const lives = known.filter((one) => !one.isGone && spellings.some((spelling) => spelling === one.endpoint));
      // Of several devices, which a store may have from before endpoints were looked up in all spellings, another user's goes first:
      // then nobody keeps a claim to somebody else's subscription. Of one user's, the one with the same spelling does.
      const live = lives.find((one) => one.user !== user) ?? lives.find((one) => one.endpoint === endpoint) ?? lives[0];
      const own = live ?? known.find((one) => one.isOwn && one.user === user);
      const isMoved = own !== undefined && own.user !== user;
      const isFormers = live === undefined && (await rows(findFormer, spellings, user))[0]?.[0] === true;
      // Asked once the row is locked: what another transaction did to it has been committed.
      const standing =
        device.secretHash === null ? 'usable' : await secrets.standing(transaction, device.secretHash, user);
      const renewSecret = standing !== 'usable';
      const secretHash = renewSecret ? null : device.secretHash;
      const isReplaced = secretHash !== null && own?.secretHash != null && !isSame(own.secretHash, secretHash);
      const retired = [
        ...(renewSecret && device.secretHash !== null ? [{ secretHash: device.secretHash, user }] : []),
        ...(own?.secretHash != null && isReplaced ? [{ secretHash: own.secretHash, user }] : []),
      ];
      // A request of a former user, or of before a sign-out, which arrives late or is repeated: it must neither take the device back nor
      // make one that nobody could remove.
      if (standing === 'retired' && (own === undefined || isMoved)) return { outcome: 'secret-retired' };
      if (isMoved && !(lives.length === 1 && mayMove(own, device))) return { outcome: 'endpoint-conflict' };
      transaction.retire(retired);
      const publicId = own === undefined || isMoved ? newPublicId : own.publicId;
      const binding = own === undefined || isMoved ? device.newBinding : own.binding;
      // Whoever may know the secret that came may have noted the subscription too.
      const renewed = renewSubscription(own, { ...device, isOthers: isFormers || renewSecret });
      const { vapidPublicKey, isRefused } = renewed;
      const context = [device.pageOrigin, workerScope, device.timeZone, device.lang] as const;
      const identity = [user, binding, sessionId, secretHash] as const;
      const values = [...subscriptionValues(device, renewed), ...identity, ...context, publicId];
      const saved = { publicId, binding, vapidPublicKey, isRefused, renewSecret };
      if (own === undefined) {
        const [inserted] = await rows(insert, ...values);
        const deviceId = integer(inserted?.[0]);
        const endedBindings = await limitDevices(transaction, { user, deviceId, secretHash, limits });
        return { outcome: 'created', endedBindings, ...saved };
      }
      await rows(update, ...values, own.id);
      if (isMoved) {
        await rows(leaveTopics, own.id);
        transaction.withdraw([own]);
      }
      const ownSecret = secretHash ?? (isMoved ? null : own.secretHash);
      const surplus = await limitDevices(transaction, { user, deviceId: own.id, secretHash: ownSecret, limits });
      const endedBindings = isMoved ? [own.binding, ...surplus] : surplus;
      return { outcome: isMoved ? 'moved' : 'updated', endedBindings, ...saved };
    });
  };
}

function isSame(hash: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(hash, other) === 0;
}
