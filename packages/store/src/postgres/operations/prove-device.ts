import type { DeviceProof } from '../../device.ts';
import type { Database } from '../database.ts';
import { isUnretired } from './retired-secrets.ts';

/** See `Store.proveDevice`. `database` has connections of its own: strangers never wait in the queue of the other calls. */
export function prepareProveDevice(database: Database): (proof: DeviceProof) => Promise<boolean> {
  const find = database.prepare(`
    SELECT 1 FROM belfry.devices WHERE public_id = $1 AND secret_hash = $2 AND ${isUnretired('$2')}`);
  return async ({ publicId, secretHash }) => (await database.read(find, publicId, secretHash)).length > 0;
}
