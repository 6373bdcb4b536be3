import type { DatabaseSync } from 'node:sqlite';
import type { Device } from '../../device.ts';
import type { UserId } from '../../ids.ts';
import { DEVICE_COLUMNS, toDevice } from './device-row.ts';

/** See `Store.devicesOfUser`. */
export function prepareDevicesOfUser(database: DatabaseSync): (userId: UserId) => readonly Device[] {
  const select = database.prepare(
    `SELECT ${DEVICE_COLUMNS} FROM devices d JOIN users u ON u.id = d.user_id WHERE u.external_id = ? ORDER BY d.id`,
  );
  return (userId) => select.all(userId).map(toDevice);
}
