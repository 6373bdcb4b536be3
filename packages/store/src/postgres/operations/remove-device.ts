import { endpointSpellings } from '@belfry/protocol';
import type { RemoveDevice, RemovedDevices } from '../../device.ts';
import type { Database } from '../database.ts';
import { bytesOrNull, integer } from '../row.ts';
import { type ChangeDevices, secretKey, toEndedDevice } from './change-devices.ts';
import { isUnretired } from './retired-secrets.ts';

/** See `Store.removeDevice`. */
export function prepareRemoveDevice(
  database: Database,
  changeDevices: ChangeDevices,
): (request: RemoveDevice) => Promise<RemovedDevices> {
  // Each part has an index of its own: with OR, all devices would be read.
  const find = database.prepare(`
    SELECT d.id, d.binding, d.secret_hash, d.user_id, d.state FROM belfry.devices d JOIN belfry.users u ON u.id = d.user_id
    WHERE d.id IN (
        SELECT id FROM belfry.devices WHERE public_id = $2
        UNION ALL SELECT id FROM belfry.devices WHERE endpoint = ANY ($1::TEXT[]) AND state = 'live'
        UNION ALL SELECT id FROM belfry.devices WHERE endpoint = ANY ($1::TEXT[]) AND state = 'gone')
      AND (u.external_id = $3 OR d.secret_hash = $4 AND ${isUnretired('$4')})
    ORDER BY d.id FOR UPDATE OF d`);
  const remove = database.prepare('DELETE FROM belfry.devices WHERE id = $1');
  return ({ device, owner, now }) => {
    const key = 'userId' in owner ? `user:${owner.userId}` : secretKey(owner.secretHash);
    return changeDevices({ key, now }, async (transaction) => {
      const rows = await transaction.rows(
        find,
        'endpoint' in device ? endpointSpellings(device.endpoint) : [],
        'publicId' in device ? device.publicId : null,
        'userId' in owner ? owner.userId : null,
        'secretHash' in owner ? owner.secretHash : null,
      );
      // A live device before a gone one of the same subscription.
      const row = rows.find(([, , , , state]) => state === 'live') ?? rows[0];
      if (row === undefined) return { endedBindings: [], live: 0 };
      const removed = toEndedDevice(row);
      const secretHash = bytesOrNull(row[2]);
      await transaction.rows(remove, removed.id);
      const retired = secretHash === null ? [] : [{ secretHash, user: integer(row[3]) }];
      transaction.retire(retired);
      transaction.withdraw([removed]);
      return { endedBindings: [removed.binding], live: row[4] === 'live' ? 1 : 0 };
    });
  };
}
