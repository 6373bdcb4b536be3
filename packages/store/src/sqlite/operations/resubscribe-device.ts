import type { DatabaseSync } from 'node:sqlite';
import { branded, endpointOrigin, endpointSpellings } from '@belfry/protocol';
import type { ResubscribeDevice, ResubscribeOutcome } from '../../device.ts';
import { renewSubscription } from '../../renew-subscription.ts';
import { integer, text, textOrNull } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareLimitDevices } from './limit-devices.ts';
import { SET_SUBSCRIPTION, toKnownSubscription } from './set-subscription.ts';

/** Another row of the same browser, which has one subscription for a scope: that row is left over. */
const IS_TWIN = 'id <> :id AND user_id = :user AND secret_hash IS :secretHash AND worker_scope IS :workerScope';

/** See `Store.resubscribeDevice`. */
export function prepareResubscribeDevice(database: DatabaseSync): (request: ResubscribeDevice) => ResubscribeOutcome {
  const dropDeliveries = prepareDropDeliveries(database);
  const limitDevices = prepareLimitDevices(database);
  const find = database.prepare('SELECT * FROM devices WHERE public_id = ? AND secret_hash = ?');
  const findOther = database.prepare(`
    SELECT 1 FROM devices
    WHERE endpoint IN (SELECT value FROM json_each(:spellings)) AND state = 'live' AND id <> :id AND NOT (${IS_TWIN})`);
  const removeTwins = database.prepare(`DELETE FROM devices WHERE ${IS_TWIN} RETURNING id, binding`);
  const update = database.prepare(`
    UPDATE devices SET ${SET_SUBSCRIPTION}, silent_since = CASE WHEN endpoint = :endpoint THEN silent_since END
    WHERE id = :id`);

  return (request) => {
    const { publicId, secretHash, endpoint, p256dh, auth, expirationTime, limits, now } = request;
    const row = find.get(publicId, secretHash);
    if (row === undefined) return { outcome: 'unknown-device' };
    const id = integer(row, 'id');
    const own = { id, user: integer(row, 'user_id'), secretHash, workerScope: textOrNull(row, 'worker_scope') };
    const spellings = JSON.stringify(endpointSpellings(endpoint));
    if (findOther.get({ ...own, spellings }) !== undefined) return { outcome: 'endpoint-conflict' };
    const twins = removeTwins.all(own);
    for (const twin of twins) dropDeliveries([integer(twin, 'id')], now);
    const { isRefused, ...renewed } = renewSubscription(toKnownSubscription(row), request);
    const pushOrigin = endpointOrigin(endpoint);
    update.run({ id, endpoint, pushOrigin, p256dh, auth, expirationTime, now, ...renewed });
    const endedBindings = [
      ...twins.map((twin) => branded<string, 'Binding'>(text(twin, 'binding'))),
      ...limitDevices({ user: own.user, deviceId: id, secretHash, limits, now }),
    ];
    const binding = branded<string, 'Binding'>(text(row, 'binding'));
    const { vapidPublicKey } = renewed;
    return { outcome: 'updated', publicId, binding, vapidPublicKey, isRefused, endedBindings };
  };
}
