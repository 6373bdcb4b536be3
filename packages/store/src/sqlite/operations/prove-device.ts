import type { DatabaseSync } from 'node:sqlite';
import type { DeviceProof } from '../../device.ts';

/** See `Store.proveDevice`. */
export function prepareProveDevice(database: DatabaseSync): (proof: DeviceProof) => boolean {
  const find = database.prepare('SELECT 1 FROM devices WHERE public_id = ? AND secret_hash = ?');
  return ({ publicId, secretHash }) => find.get(publicId, secretHash) !== undefined;
}
