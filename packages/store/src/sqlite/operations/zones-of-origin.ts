import type { DatabaseSync } from 'node:sqlite';
import { text } from '../row.ts';

/**
 * The time zones of a push service's live devices, with null first where some have none. Each is looked for after the one before, so
 * a zone takes a few microseconds, however many devices it has.
 */
export function prepareZonesOfOrigin(database: DatabaseSync): (origin: string) => Generator<string | null> {
  const anyWithout = database.prepare(`
    SELECT 1 FROM devices INDEXED BY devices_zone WHERE state = 'live' AND push_origin = ? AND time_zone IS NULL LIMIT 1`);
  const next = database.prepare(`
    SELECT time_zone FROM devices INDEXED BY devices_zone
    WHERE state = 'live' AND push_origin = ? AND time_zone > ? ORDER BY time_zone LIMIT 1`);
  return function* (origin) {
    if (anyWithout.get(origin) !== undefined) yield null;
    let zone = '';
    for (let row = next.get(origin, zone); row !== undefined; row = next.get(origin, zone)) {
      zone = text(row, 'time_zone');
      yield zone;
    }
  };
}
