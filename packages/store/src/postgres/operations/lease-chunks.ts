import { branded } from '@belfry/protocol';
import type { ChunkLease, LeaseChunks } from '../../chunk.ts';
import { cappedExpirySql } from '../../expiry-sql.ts';
import type { Database } from '../database.ts';
import { bytesOrNull, integer, integerOrNull, type Row, text } from '../row.ts';
import { prepareCutLeases } from './cut-leases.ts';
import { prepareExpireChunks } from './expire-chunks.ts';
import { IS_SET_BACK, prepareRestartDelays, TOLERANCE_MS } from './restart-delays.ts';
import { prepareStoreClock, type StoreClock } from './store-clock.ts';

interface Leased {
  readonly leases: readonly ChunkLease[];
  readonly nextAt: number | null;
}

const EXPIRES_AT = cappedExpirySql({ messages: 'belfry.messages', row: 'c', now: '$4::BIGINT' }, TOLERANCE_MS);

/**
 * Nobody has the chunk, and its message is under way. Of a message with a limit, one chunk of each push service may be leased, so that
 * one that never responds does not hold the others up; and all of them by one process, which shares the limit among them. A subquery,
 * where a join would let the planner begin with the few messages under way and sort all their chunks.
 *
 * @param storeId SQL: who asks
 */
const isFree = (storeId: string): string => `
  c.state IN ('pending', 'leased') AND (c.state = 'pending' OR c.leased_until <= (SELECT belfry.clock_ms()))
  AND (
    SELECT m.state = 'fanning-out' AND (m.devices_per_second IS NULL OR NOT EXISTS (
      SELECT 1 FROM belfry.chunks o
      WHERE o.seq = c.seq AND o.id <> c.id AND o.state = 'leased' AND o.leased_until > (SELECT belfry.clock_ms())
        AND (o.push_origin = c.push_origin OR o.leased_by IS DISTINCT FROM ${storeId})))
    FROM belfry.messages m WHERE m.seq = c.seq)`;

/**
 * The time of a chunk that was leased has come, even where `run_at` lies ahead: PostgreSQL's clock may have been set back since.
 */
const IS_DUE = "(c.state = 'leased' OR c.run_at <= $1)";

/**
 * See `Store.leaseChunks`. What another process is leasing at this moment is passed over. Of a message with a limit two processes
 * may each see no leased chunk and take some: so its row is locked, and looked at again by a new statement. Whoever does not get
 * that lock leaves the message to the other, rather than wait against the order of locks.
 */
export function prepareLeaseChunks(database: Database): (request: LeaseChunks) => Promise<Leased> {
  const expireChunks = prepareExpireChunks(database);
  const restartDelays = prepareRestartDelays(database);
  const cutLeases = prepareCutLeases(database);
  const readClock = prepareStoreClock(database);
  /** PostgreSQL's clock, as the last call found it. The first call looks for leases from before. */
  let clockMs = Number.POSITIVE_INFINITY;
  // Push services are found one after the other in the index: there are few, and may be thousands of chunks.
  const findIn = (origins: string) => `
    WITH RECURSIVE origins AS (
      (SELECT push_origin FROM belfry.chunks WHERE state IN ('pending', 'leased') ORDER BY push_origin LIMIT 1)
      UNION ALL
      SELECT (SELECT c.push_origin FROM belfry.chunks c
        WHERE c.state IN ('pending', 'leased') AND c.push_origin > o.push_origin ORDER BY c.push_origin LIMIT 1)
      FROM origins o WHERE o.push_origin IS NOT NULL
    )
    SELECT oldest.id, oldest.seq, oldest.is_limited
    FROM ${origins} CROSS JOIN LATERAL (
      SELECT c.id, c.seq, (
        SELECT m.devices_per_second IS NOT NULL FROM belfry.messages m WHERE m.seq = c.seq
      ) AS is_limited
      FROM belfry.chunks c
      WHERE c.push_origin = o.push_origin AND ${IS_DUE} AND c.expires_at > $1 AND ${isFree('$4')}
      ORDER BY c.seq, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
    ) AS oldest
    WHERE o.push_origin <> ALL ($2::TEXT[])
    ORDER BY oldest.seq, oldest.id LIMIT $3`;
  const find = database.prepare(findIn('origins o'));
  const findOnly = database.prepare(findIn('unnest($5::TEXT[]) AS o (push_origin)'));
  const lockMessages = database.prepare(`
    SELECT seq FROM belfry.messages WHERE seq = ANY ($1::BIGINT[]) ORDER BY seq FOR NO KEY UPDATE SKIP LOCKED`);
  // Its time has come: from here on it does not wait for a time of day.
  const take = database.prepare(`
    UPDATE belfry.chunks c SET state = 'leased', token = c.token + 1, leased_by = $2,
      leased_until = belfry.clock_ms() + $3::BIGINT, held_at = $4, expires_at = ${EXPIRES_AT}
    FROM belfry.messages m WHERE c.id = ANY ($1::BIGINT[]) AND m.seq = c.seq AND ${isFree('$2')}
    RETURNING c.id, c.token, c.push_origin, c.cursor, c.expires_at, m.devices_per_second, m.id, m.seq, m.content,
      m.receipt_key`);
  const next = database.prepare(`
    SELECT ${IS_SET_BACK.chunks('$2')}, (
      SELECT c.run_at FROM belfry.chunks c WHERE c.state = 'pending' AND c.push_origin <> ALL ($1::TEXT[])
        AND ($3::TEXT[] IS NULL OR c.push_origin = ANY ($3::TEXT[])) AND ${isFree('$4')}
      ORDER BY c.run_at LIMIT 1), belfry.clock_ms()`);

  return async ({ now, leaseMs, limit, exceptOrigins, onlyOrigins }) => {
    const clock = await readClock(now);
    const { storeNow } = clock;
    await expireChunks(storeNow);
    const { isSetBack, clockNowMs, ...leased } = await database.transaction(async ({ rows }) => {
      const some = [storeNow, exceptOrigins, limit, database.storeId] as const;
      const found = await (onlyOrigins === undefined ? rows(find, ...some) : rows(findOnly, ...some, onlyOrigins));
      const candidates = found.map(toFound);
      const limited = new Set(candidates.filter(({ isLimited }) => isLimited).map(({ seq }) => seq));
      const locked = limited.size === 0 ? [] : await rows(lockMessages, [...limited]);
      const mayLease = new Set(locked.map(([seq]) => integer(seq)));
      const chosen = candidates.filter(({ seq, isLimited }) => !isLimited || mayLease.has(seq)).map(({ id }) => id);
      const taken = chosen.length === 0 ? [] : await rows(take, chosen, database.storeId, leaseMs, storeNow);
      const [following] = await rows(next, exceptOrigins, storeNow, onlyOrigins ?? null, database.storeId);
      const nextAt = integerOrNull(following?.[1] ?? null);
      return {
        leases: taken
          .map((row) => toLease(row, clock))
          .toSorted((one, other) => one.message.seq - other.message.seq || one.id - other.id),
        nextAt: nextAt && clock.toCaller(nextAt),
        isSetBack: following?.[0] === true,
        clockNowMs: integer(following?.[2]),
      };
    });
    const isClockSetBack = clockNowMs < clockMs - TOLERANCE_MS;
    if (isClockSetBack) await cutLeases.chunks(leaseMs);
    // Where that failed, the next call does it.
    clockMs = clockNowMs;
    if (!isSetBack) return leased;
    await restartDelays.chunks(storeNow);
    // The next call finds them.
    return { ...leased, nextAt: now + 1 };
  };
}

function toFound([id, seq, isLimited]: Row) {
  return { id: integer(id), seq: integer(seq), isLimited: isLimited === true };
}

function toLease(row: Row, { toCaller }: StoreClock): ChunkLease {
  const [id, token, origin, cursor, expiresAt, devicesPerSecond, messageId, seq, content, ...rest] = row;
  const [receiptKey] = rest;
  return {
    id: branded(integer(id)),
    token: integer(token),
    message: {
      id: branded(text(messageId)),
      seq: branded(integer(seq)),
      content: text(content),
      receiptKey: bytesOrNull(receiptKey),
    },
    origin: branded(text(origin)),
    cursor: branded(integer(cursor)),
    expiresAt: toCaller(integer(expiresAt)),
    devicesPerSecond: integerOrNull(devicesPerSecond),
  };
}
