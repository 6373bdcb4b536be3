import type { DatabaseSync } from 'node:sqlite';
import { branded, endpointSpellings } from '@belfry/protocol';
import type { RemoveDevice, RemovedDevices } from '../../device.ts';
import { blobOrNull, integer, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareRetiredSecrets } from './retired-secrets.ts';

/** See `Store.removeDevice`. */
export function prepareRemoveDevice(database: DatabaseSync): (request: RemoveDevice) => RemovedDevices {
  const dropDeliveries = prepareDropDeliveries(database);
  const secrets = prepareRetiredSecrets(database);
  // A live device before a gone one of the same subscription. Each part has an index of its own: with OR, all devices would be read.
  const find = database.prepare(`
    SELECT d.id, d.binding, d.user_id, d.state, d.secret_hash FROM devices d JOIN users u ON u.id = d.user_id
    WHERE d.id IN (
        SELECT id FROM devices WHERE public_id = :publicId
        UNION ALL SELECT id FROM devices WHERE endpoint IN (SELECT value FROM json_each(:spellings)) AND state = 'live'
        UNION ALL SELECT id FROM devices WHERE endpoint IN (SELECT value FROM json_each(:spellings)) AND state = 'gone')
      AND (u.external_id = :userId OR d.secret_hash = :secretHash)
    ORDER BY d.state = 'live' DESC LIMIT 1`);
  const remove = database.prepare('DELETE FROM devices WHERE id = ?');
  return ({ device, owner, now }) => {
    const row = find.get({
      spellings: JSON.stringify('endpoint' in device ? endpointSpellings(device.endpoint) : []),
      publicId: 'publicId' in device ? device.publicId : null,
      userId: 'userId' in owner ? owner.userId : null,
      secretHash: 'secretHash' in owner ? owner.secretHash : null,
    });
    if (row === undefined) return { endedBindings: [], live: 0 };
    const id = integer(row, 'id');
    remove.run(id);
    const secretHash = blobOrNull(row, 'secret_hash');
    if (secretHash !== null) secrets.retire({ secretHash, user: integer(row, 'user_id'), now });
    dropDeliveries([id], now);
    return { endedBindings: [branded(text(row, 'binding'))], live: text(row, 'state') === 'live' ? 1 : 0 };
  };
}
