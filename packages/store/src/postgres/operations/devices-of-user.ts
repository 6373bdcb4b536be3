import type { Device } from '../../device.ts';
import type { UserId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { DEVICE_COLUMNS, toDevice } from './device-row.ts';

/** See `Store.devicesOfUser`. */
export function prepareDevicesOfUser(database: Database): (userId: UserId) => Promise<readonly Device[]> {
  const select = database.prepare(`
    SELECT ${DEVICE_COLUMNS} FROM belfry.devices d JOIN belfry.users u ON u.id = d.user_id
    WHERE u.external_id = $1 ORDER BY d.id`);
  return async (userId) => (await database.read(select, userId)).map(toDevice);
}
