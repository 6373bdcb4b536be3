import type { DatabaseSync } from 'node:sqlite';
import { text } from '../row.ts';
import { preparePushOrigins } from './push-origins.ts';

/** See `Store.timeZones`. Looks for the next zone after each, so it takes a few microseconds for each, however many devices. */
export function prepareTimeZones(database: DatabaseSync): () => readonly (string | null)[] {
  const pushOrigins = preparePushOrigins(database);
  const anyWithout = database.prepare(`
    SELECT 1 FROM devices INDEXED BY devices_zone WHERE state = 'live' AND push_origin = ? AND time_zone IS NULL LIMIT 1`);
  const next = database.prepare(`
    SELECT time_zone FROM devices INDEXED BY devices_zone
    WHERE state = 'live' AND push_origin = ? AND time_zone > ? ORDER BY time_zone LIMIT 1`);
  return () => {
    const zones = new Set<string | null>();
    for (const origin of pushOrigins()) {
      if (anyWithout.get(origin) !== undefined) zones.add(null);
      let zone = '';
      for (let row = next.get(origin, zone); row !== undefined; row = next.get(origin, zone)) {
        zone = text(row, 'time_zone');
        zones.add(zone);
      }
    }
    return [...zones];
  };
}
