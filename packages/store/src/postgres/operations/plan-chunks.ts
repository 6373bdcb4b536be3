import { CHUNK_IDS } from '../../chunk.ts';
import type { Database, Transaction } from '../database.ts';
import type { Plan } from './plan.ts';

/**
 * Parts all live devices into chunks. Without time zones nothing is counted: ranges of `CHUNK_IDS` ids. The devices of one zone
 * are spread over all ids, where such ranges would be nearly empty, so there a chunk has `CHUNK_IDS` devices. Both go from
 * chunk to chunk by the index, each beginning with the first device behind the one before.
 */
export function preparePlanChunks(database: Database): (transaction: Transaction, plan: Plan) => Promise<void> {
  const plain = database.prepare(
    chunksSql({
      pairs: 'SELECT push_origin, NULL::TEXT AS time_zone, $3::BIGINT AS run_at FROM origins',
      isOfZone: 'true',
      heldAt: '$6::BIGINT',
      lastId: `least(first.id - 1 + ${CHUNK_IDS}, $2::BIGINT)`,
    }),
  );
  const isOfZone = "coalesce(d.time_zone, '') = p.time_zone";
  const zoned = database.prepare(
    chunksSql({
      pairs: `SELECT push_origin, z.name AS time_zone, z.run_at
        FROM origins, unnest($6::TEXT[], $3::BIGINT[]) AS z (name, run_at)`,
      isOfZone,
      heldAt: 'NULL',
      lastId: `coalesce((
        SELECT d.id FROM belfry.devices d
        WHERE d.state = 'live' AND d.push_origin = p.push_origin AND ${isOfZone} AND d.id >= first.id AND d.id <= $2
        ORDER BY d.id OFFSET ${CHUNK_IDS - 1} LIMIT 1), $2::BIGINT)`,
    }),
  );
  return async ({ rows }, { seq, now, runAt, ttlMs, expiresAt, lastDeviceId, zones }) => {
    if (zones === null) await rows(plain, seq, lastDeviceId, runAt, ttlMs, expiresAt, now);
    else await rows(zoned, seq, lastDeviceId, zones.runAts, ttlMs, expiresAt, zones.names);
  };
}

interface ChunksSql {
  /** Of `origins`: push service, time zone and when its devices are due. */
  readonly pairs: string;
  /** A condition on a device `d` and a pair `p`. */
  readonly isOfZone: string;
  /** When the chunk was put off, see `waiting.ts`. */
  readonly heldAt: string;
  /** The last id of a chunk whose first device is `first`. */
  readonly lastId: string;
}

function chunksSql({ pairs, isOfZone, heldAt, lastId }: ChunksSql): string {
  return `
    WITH RECURSIVE origins AS (
      (SELECT push_origin FROM belfry.devices WHERE state = 'live' ORDER BY push_origin LIMIT 1)
      UNION ALL
      SELECT later.push_origin FROM origins o CROSS JOIN LATERAL (
        SELECT d.push_origin FROM belfry.devices d WHERE d.state = 'live' AND d.push_origin > o.push_origin
        ORDER BY d.push_origin LIMIT 1
      ) AS later
    ), parts AS (
      SELECT push_origin, time_zone, run_at, 0::BIGINT AS cursor, 0::BIGINT AS last_id FROM (${pairs}) AS pairs
      UNION ALL
      SELECT p.push_origin, p.time_zone, p.run_at, first.id - 1, ${lastId}
      FROM parts p CROSS JOIN LATERAL (
        SELECT d.id FROM belfry.devices d
        WHERE d.state = 'live' AND d.push_origin = p.push_origin AND ${isOfZone} AND d.id > p.last_id AND d.id <= $2
        ORDER BY d.id LIMIT 1
      ) AS first
    )
    INSERT INTO belfry.chunks (seq, push_origin, time_zone, cursor, last_id, run_at, expires_at, held_at)
    SELECT $1::BIGINT, push_origin, time_zone, cursor, last_id, run_at, least(run_at + $4::BIGINT, $5::BIGINT), ${heldAt}
    FROM parts WHERE last_id > 0 ORDER BY push_origin, time_zone, cursor`;
}
