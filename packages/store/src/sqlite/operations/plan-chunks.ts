import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CHUNK_IDS } from '../../chunk.ts';
import { integer } from '../row.ts';
import type { Plan } from './plan.ts';
import { preparePushOrigins } from './push-origins.ts';
import { prepareZonesOfOrigin } from './zones-of-origin.ts';

/**
 * Parts all live devices into chunks. Without time zones nothing is counted: ranges of `CHUNK_IDS` ids. The devices of one
 * zone are spread over all ids, where such ranges would be nearly empty (2000 pairs of push service and zone would make
 * 80,000 chunks of a dozen devices each among a million), so there a chunk has `CHUNK_IDS` devices.
 *
 * Only the zones that a push service's devices have are visited. Users make up names of push services: 500 names, each asked for 419
 * zones, held all other writes for 0.6 s.
 */
export function preparePlanChunks(database: DatabaseSync): (plan: Plan) => void {
  const pushOrigins = preparePushOrigins(database);
  const zonesOfOrigin = prepareZonesOfOrigin(database);
  const first = database.prepare(`
    SELECT id FROM devices INDEXED BY devices_fan_out
    WHERE state = 'live' AND push_origin = :origin AND id > :after AND id <= :lastDeviceId ORDER BY id LIMIT 1`);
  // The first device of a zone behind another, or the one so many behind that.
  const nthOfZone = database.prepare(`
    SELECT id FROM devices INDEXED BY devices_zone
    WHERE state = 'live' AND push_origin = :origin AND time_zone IS nullif(:zone, '') AND id > :after
      AND id <= :lastDeviceId ORDER BY id LIMIT 1 OFFSET :offset`);
  const insert = database.prepare(`
    INSERT INTO chunks (seq, push_origin, time_zone, cursor, last_id, run_at, expires_at, held_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);

  return ({ seq, now, runAt, zones, lastDeviceId, expiresAt }) => {
    for (const origin of pushOrigins()) {
      if (zones === null) planOrigin(origin);
      else planZones(origin, zones);
    }

    function planZones(origin: string, runAts: ReadonlyMap<string, number>): void {
      for (const found of zonesOfOrigin(origin)) {
        const zone = found ?? '';
        const zoneRunAt = runAts.get(zone);
        // Undefined where its first device came after the zones were listed.
        if (zoneRunAt !== undefined) planZone({ origin, zone, zoneRunAt });
      }
    }

    function planOrigin(origin: string): void {
      let after = 0;
      for (;;) {
        const id = idOf(first, { origin, after, lastDeviceId });
        if (id === undefined) return;
        after = Math.min(id - 1 + CHUNK_IDS, lastDeviceId);
        insert.run(seq, origin, null, id - 1, after, runAt, expiresAt(runAt), now);
      }
    }

    function planZone({ origin, zone, zoneRunAt }: { origin: string; zone: string; zoneRunAt: number }): void {
      let after = 0;
      for (;;) {
        const id = idOf(nthOfZone, { origin, zone, after, lastDeviceId, offset: 0 });
        if (id === undefined) return;
        after = idOf(nthOfZone, { origin, zone, after, lastDeviceId, offset: CHUNK_IDS - 1 }) ?? lastDeviceId;
        insert.run(seq, origin, zone, id - 1, after, zoneRunAt, expiresAt(zoneRunAt), null);
      }
    }
  };
}

function idOf(statement: StatementSync, values: Readonly<Record<string, string | number>>): number | undefined {
  const row = statement.get(values);
  return row === undefined ? undefined : integer(row, 'id');
}
