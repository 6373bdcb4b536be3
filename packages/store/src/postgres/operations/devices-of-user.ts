import type { Device } from '../../device.ts';
import type { UserId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { DEVICE_COLUMNS, toDevice } from './device-row.ts';

/** See `Store.devicesOfUser`. */
export function prepareDevicesOfUser(
  database: Database,
): (userId: UserId, limit?: number) => Promise<readonly Device[]> {
  const select = database.prepare(`
    SELECT ${DEVICE_COLUMNS} FROM belfry.devices d JOIN belfry.users u ON u.id = d.user_id
    WHERE u.external_id = $1 ORDER BY d.id DESC LIMIT $2`);
  // PostgreSQL takes null for no limit.
  return async (userId, limit) => (await database.read(select, userId, limit ?? null)).map(toDevice).toReversed();
}
