import type { DatabaseSync } from 'node:sqlite';
import type { Device } from '../../device.ts';
import type { Input } from '../thread-messages.ts';
import { DEVICE_COLUMNS, toDevice } from './device-row.ts';

/** See `Store.devicesOfUser`. */
export function prepareDevicesOfUser(database: DatabaseSync): (request: Input<'devicesOfUser'>) => readonly Device[] {
  const select = database.prepare(`
    SELECT ${DEVICE_COLUMNS} FROM devices d JOIN users u ON u.id = d.user_id WHERE u.external_id = ?
    ORDER BY d.id DESC LIMIT ?`);
  // SQLite takes -1 for no limit.
  return ({ userId, limit = -1 }) => select.all(userId, limit).map(toDevice).toReversed();
}
