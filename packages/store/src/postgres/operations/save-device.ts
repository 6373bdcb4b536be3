import { branded, endpointOrigin } from '@belfry/protocol';
import type { SaveDevice, SaveDeviceOutcome } from '../../device.ts';
import type { Database } from '../database.ts';
import { bytes, integer, type Row, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareUserRow } from './user-row.ts';

/**
 * See `Store.saveDevice`. What one client saves is saved one after the other, by a lock on the hash of its secret: two new
 * subscriptions of one browser make one device. Of two who save the same new endpoint at once, the second violates the index,
 * and begins again, with the device in sight. (A lock on the user would serve for both, but let a user's devices wait for each
 * other's fsync.)
 */
export function prepareSaveDevice(database: Database): (device: SaveDevice) => Promise<SaveDeviceOutcome> {
  const userRow = prepareUserRow(database);
  const dropDeliveries = prepareDropDeliveries(database);
  const lockSecret = database.prepare('SELECT pg_advisory_xact_lock($1)');
  const findLive = database.prepare(`
    SELECT ${KNOWN_COLUMNS} FROM belfry.devices d WHERE d.endpoint = $1 AND d.state = 'live' FOR UPDATE`);
  // The same subscription again after it was thought gone, or the same browser with a new subscription.
  const findOwn = database.prepare(`
    SELECT ${KNOWN_COLUMNS} FROM belfry.devices d
    WHERE d.user_id = $1 AND (
      (d.state = 'gone' AND d.endpoint = $2) OR (d.secret_hash = $3 AND d.worker_scope IS NOT DISTINCT FROM $4))
    ORDER BY d.endpoint = $2 DESC, d.id DESC LIMIT 1 FOR UPDATE`);
  const insert = database.prepare(`
    INSERT INTO belfry.devices (user_id, binding, session_id, secret_hash, endpoint, push_origin, p256dh, auth,
      vapid_public_key, expiration_time, page_origin, worker_scope, time_zone, lang, created_at, updated_at, public_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16)`);
  // What the caller did not say is kept as it was; a secret is good for its own device under its own user only.
  const update = database.prepare(`
    UPDATE belfry.devices SET user_id = $1, binding = $2, session_id = $3,
      secret_hash = coalesce($4, CASE WHEN user_id = $1 THEN secret_hash END), endpoint = $5, push_origin = $6,
      p256dh = $7, auth = $8, vapid_public_key = $9, expiration_time = $10,
      page_origin = coalesce($11, page_origin), worker_scope = coalesce($12, worker_scope),
      time_zone = coalesce($13, time_zone), lang = coalesce($14, lang),
      failures = CASE WHEN state = 'live' AND endpoint = $5 THEN failures ELSE 0 END,
      failing_since = CASE WHEN state = 'live' AND endpoint = $5 THEN failing_since END,
      key_mismatch_at = CASE WHEN $17::BOOLEAN THEN key_mismatch_at END,
      state = 'live', gone_at = NULL, updated_at = $15
    WHERE id = $16`);
  const leaveTopics = database.prepare('DELETE FROM belfry.topic_devices WHERE device_id = $1');

  return ({ userId, newPublicId, newBinding, newestVapidKey, now, ...device }) =>
    database.transaction<SaveDeviceOutcome>(async (transaction) => {
      const { rows } = transaction;
      if (device.secretHash !== null) await rows(lockSecret, lockOf(device.secretHash));
      const known = await userRow.find(transaction, userId);
      const live = toKnown((await rows(findLive, device.endpoint))[0]);
      if (live && live.user !== known && !hasKeys(live, device)) return { outcome: 'endpoint-conflict' };
      const user = known ?? (await userRow.ensure(transaction, userId, now));
      const { endpoint, secretHash, workerScope } = device;
      const found = live ?? toKnown((await rows(findOwn, user, endpoint, secretHash, workerScope))[0]);
      const isMoved = found !== undefined && found.user !== user;
      const binding = found === undefined || isMoved ? newBinding : found.binding;
      const keptVapidKey = vapidKeyOfUnchanged(found, device);
      const vapidPublicKey = device.vapidPublicKey ?? keptVapidKey ?? newestVapidKey;
      const { sessionId, p256dh, auth, expirationTime, pageOrigin, timeZone, lang } = device;
      const keys = [p256dh, auth, vapidPublicKey, expirationTime] as const;
      const identity = [user, binding, sessionId, secretHash, endpoint, endpointOrigin(endpoint)] as const;
      const values = [...identity, ...keys, pageOrigin, workerScope, timeZone, lang, now];
      if (found === undefined) {
        await rows(insert, ...values, newPublicId);
        return { outcome: 'created', publicId: newPublicId, binding };
      }
      await rows(update, ...values, found.id, keptVapidKey === vapidPublicKey);
      if (isMoved) {
        await rows(leaveTopics, found.id);
        await dropDeliveries(transaction, { deviceId: found.id, now });
      }
      return { outcome: isMoved ? 'moved' : 'updated', publicId: found.publicId, binding };
    });
}

/** An advisory lock is a number of 64 bits, which a secret's hash has plenty of. */
function lockOf(secretHash: Uint8Array): string {
  return Buffer.from(secretHash).readBigInt64BE().toString();
}

const KNOWN_COLUMNS = 'd.id, d.user_id, d.public_id, d.binding, d.endpoint, d.p256dh, d.auth, d.vapid_public_key';

type KnownDevice = NonNullable<ReturnType<typeof toKnown>>;

function toKnown(row: Row | undefined) {
  if (row === undefined) return undefined;
  const [id, user, publicId, binding, endpoint, p256dh, auth, vapidPublicKey] = row;
  return {
    id: integer(id),
    user: integer(user),
    publicId: branded<string, 'PublicDeviceId'>(text(publicId)),
    binding: branded<string, 'Binding'>(text(binding)),
    endpoint: text(endpoint),
    p256dh: bytes(p256dh),
    auth: bytes(auth),
    vapidPublicKey: text(vapidPublicKey),
  };
}

type SubscriptionKeys = Pick<SaveDevice, 'endpoint' | 'p256dh' | 'auth'>;

/** The VAPID key of a subscription that has not changed. */
function vapidKeyOfUnchanged(known: KnownDevice | undefined, device: SubscriptionKeys): string | undefined {
  return known?.endpoint === device.endpoint && hasKeys(known, device) ? known.vapidPublicKey : undefined;
}

function hasKeys(known: KnownDevice, { p256dh, auth }: SubscriptionKeys): boolean {
  return Buffer.compare(known.p256dh, p256dh) === 0 && Buffer.compare(known.auth, auth) === 0;
}
