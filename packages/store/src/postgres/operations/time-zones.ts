import type { Database } from '../database.ts';
import { text } from '../row.ts';

/**
 * See `Store.timeZones`. Looks for the next pair of push service and zone after each: DISTINCT would read a row for each
 * device.
 */
export function prepareTimeZones(database: Database): () => Promise<readonly (string | null)[]> {
  const select = database.prepare(`
    WITH RECURSIVE pairs AS (
      (SELECT push_origin, coalesce(time_zone, '') AS zone FROM belfry.devices WHERE state = 'live'
        ORDER BY push_origin, coalesce(time_zone, '') LIMIT 1)
      UNION ALL
      SELECT later.push_origin, later.zone FROM pairs p CROSS JOIN LATERAL (
        SELECT d.push_origin, coalesce(d.time_zone, '') AS zone FROM belfry.devices d
        WHERE d.state = 'live' AND (d.push_origin, coalesce(d.time_zone, '')) > (p.push_origin, p.zone)
        ORDER BY d.push_origin, coalesce(d.time_zone, '') LIMIT 1
      ) AS later
    )
    SELECT DISTINCT zone FROM pairs ORDER BY zone`);
  return async () => (await database.read(select)).map(([zone]) => text(zone) || null);
}
