import { endpointSpellings } from '@belfry/protocol';
import type { ResubscribeDevice, ResubscribeOutcome } from '../../device.ts';
import { renewSubscription } from '../../renew-subscription.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';
import { type ChangeDevices, secretKey, toEndedDevice } from './change-devices.ts';
import { KNOWN_DEVICE_COLUMNS, toKnownDevice } from './known-device.ts';
import { prepareLimitDevices } from './limit-devices.ts';
import { prepareLockSecret } from './lock-secret.ts';
import { prepareLockSubscription } from './lock-subscription.ts';
import { prepareLockUser } from './lock-user.ts';
import { isUnretired } from './retired-secrets.ts';
import { SET_SUBSCRIPTION, subscriptionValues } from './set-subscription.ts';

/** Another row (`d`) of the same browser (`own`), which has one subscription for a scope: that row is left over. */
const IS_TWIN = `
  d.id <> own.id AND d.user_id = own.user_id AND d.secret_hash IS NOT DISTINCT FROM own.secret_hash
  AND d.worker_scope IS NOT DISTINCT FROM own.worker_scope`;

/**
 * See `Store.resubscribeDevice`. Where another device takes the endpoint at the same moment, the second of the two violates the
 * index, and begins again, with the first in sight.
 */
export function prepareResubscribeDevice(
  database: Database,
  changeDevices: ChangeDevices,
): (request: ResubscribeDevice) => Promise<ResubscribeOutcome> {
  const limitDevices = prepareLimitDevices(database);
  const lockSecret = prepareLockSecret(database);
  const lockUser = prepareLockUser(database);
  const lockSubscription = prepareLockSubscription(database);
  // All rows that the transaction changes, in the order in which others lock several.
  const lockTwins = database.prepare(`
    SELECT 1 FROM belfry.devices own JOIN belfry.devices d
      ON d.secret_hash = own.secret_hash AND d.user_id = own.user_id AND d.worker_scope IS NOT DISTINCT FROM own.worker_scope
    WHERE own.public_id = $1 AND own.secret_hash = $2 ORDER BY d.id FOR UPDATE OF d`);
  const findUser = database.prepare('SELECT user_id FROM belfry.devices WHERE public_id = $1 AND secret_hash = $2');
  const find = database.prepare(`
    SELECT ${KNOWN_DEVICE_COLUMNS} FROM belfry.devices d
    WHERE d.public_id = $1 AND d.secret_hash = $2 AND ${isUnretired('$2')} FOR UPDATE`);
  const findOther = database.prepare(`
    SELECT 1 FROM belfry.devices d JOIN belfry.devices own ON own.id = $1
    WHERE d.endpoint = ANY ($2::TEXT[]) AND d.state = 'live' AND d.id <> own.id AND NOT (${IS_TWIN})`);
  const removeTwins = database.prepare(`
    DELETE FROM belfry.devices d USING belfry.devices own WHERE own.id = $1 AND ${IS_TWIN} RETURNING d.id, d.binding`);
  const update = database.prepare(`
    UPDATE belfry.devices SET ${SET_SUBSCRIPTION}, silent_since = CASE WHEN endpoint = $1 THEN silent_since END
    WHERE id = $9`);

  return (request) =>
    changeDevices<ResubscribeOutcome>({ key: secretKey(request.secretHash), now: request.now }, async (transaction) => {
      const { rows } = transaction;
      const { publicId, secretHash, endpoint, limits } = request;
      await lockSecret(transaction, secretHash);
      const [owner] = await rows(findUser, publicId, secretHash);
      if (owner === undefined) return { outcome: 'unknown-device' };
      if (limits !== undefined) await lockUser(transaction, integer(owner[0]));
      const spellings = endpointSpellings(endpoint);
      await lockSubscription(transaction, spellings);
      await rows(lockTwins, publicId, secretHash);
      const [own] = (await rows(find, publicId, secretHash)).map(toKnownDevice);
      if (own === undefined) return { outcome: 'unknown-device' };
      if ((await rows(findOther, own.id, spellings)).length > 0) return { outcome: 'endpoint-conflict' };
      const twins = (await rows(removeTwins, own.id)).map(toEndedDevice);
      transaction.withdraw(twins);
      const renewed = renewSubscription(own, request);
      await rows(update, ...subscriptionValues(request, renewed), own.id);
      const surplus = await limitDevices(transaction, { user: own.user, deviceId: own.id, secretHash, limits });
      const endedBindings = [...twins.map(({ binding }) => binding), ...surplus];
      const { vapidPublicKey, isRefused } = renewed;
      return { outcome: 'updated', publicId, binding: own.binding, vapidPublicKey, isRefused, endedBindings };
    });
}
