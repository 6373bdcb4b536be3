import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { ChunkLease, LeaseChunks } from '../../chunk.ts';
import { cappedExpirySql } from '../../expiry-sql.ts';
import { integer, integerOrNull, type Row, text } from '../row.ts';
import { prepareExpireChunks } from './expire-chunks.ts';
import { MESSAGE_COLUMNS, toStoredMessage } from './message-row.ts';
import { prepareRestartDelays, TOLERANCE_MS } from './restart-delays.ts';

/** Push services that one call looks at. To look at 5,000 takes 19 to 30 ms of CPU, in which nothing else is written; so many take 2 ms. */
const MAX_ORIGINS = 256;

interface Leased {
  readonly leases: readonly ChunkLease[];
  readonly nextAt: number | null;
}

const EXPIRES_AT = cappedExpirySql({ messages: 'messages', row: 'chunks', now: ':now' }, TOLERANCE_MS);

/**
 * Of a chunk `c` that waits and its message `m`: it may be leased, but for its time. Of a message with a limit, one of each push
 * service may be, so that a push service that never responds does not hold the others up.
 */
const MAY_BE_LEASED = `
  c.state = 'pending' AND m.state = 'fanning-out' AND (m.devices_per_second IS NULL
    OR NOT EXISTS (SELECT 1 FROM chunks o WHERE o.seq = c.seq AND o.state = 'leased' AND o.push_origin = c.push_origin))`;

/**
 * See `Store.leaseChunks`. One process has the store, so its leases last until it ends them. The oldest chunk of each
 * push service is found in an index: of a broadcast at each device's local time, some thousand chunks wait. Where
 * chunks of more than `MAX_ORIGINS` push services wait, calls take turns among them, and the order of messages holds for each call.
 */
export function prepareLeaseChunks(database: DatabaseSync): (request: LeaseChunks) => Leased {
  const expireChunks = prepareExpireChunks(database);
  const restartDelays = prepareRestartDelays(database);
  const nextOrigin = database.prepare(`
    SELECT push_origin FROM chunks INDEXED BY chunks_pending WHERE state = 'pending' AND push_origin > ?
    ORDER BY push_origin LIMIT 1`);
  const oldest = database.prepare(`
    SELECT c.id AS chunk_id, c.seq FROM chunks c INDEXED BY chunks_pending JOIN messages m ON m.seq = c.seq
    WHERE ${MAY_BE_LEASED} AND c.push_origin = :origin AND c.run_at <= :now ORDER BY c.seq, c.id LIMIT 1`);
  // Its time has come: from here on it does not wait for a time of day.
  const lease = database.prepare(`
    UPDATE chunks SET state = 'leased', token = token + 1, held_at = :now, expires_at = ${EXPIRES_AT}
    WHERE id = :id
    RETURNING id AS chunk_id, token, push_origin, cursor, expires_at`);
  const message = database.prepare(`SELECT ${MESSAGE_COLUMNS}, m.devices_per_second FROM messages m WHERE m.seq = ?`);
  const next = database.prepare(`
    SELECT c.run_at FROM chunks c INDEXED BY chunks_due JOIN messages m ON m.seq = c.seq
    WHERE ${MAY_BE_LEASED} AND c.push_origin NOT IN (SELECT value FROM json_each(:except))
      AND (:only IS NULL OR c.push_origin IN (SELECT value FROM json_each(:only))) ORDER BY c.run_at LIMIT 1`);

  /** Where the last call stopped that did not look at all push services. */
  let lookedAtUntil = '';

  /** The next push services with pending chunks, in the order of their names and then from the first again. */
  function pendingOrigins(excepted: ReadonlySet<string>): {
    readonly origins: readonly string[];
    readonly isAll: boolean;
  } {
    const origins: string[] = [];
    const from = lookedAtUntil;
    lookedAtUntil = '';
    for (const [after, until] of [
      [from, undefined],
      ['', from],
    ] as const) {
      for (let row = nextOrigin.get(after); row !== undefined; ) {
        const origin = text(row, 'push_origin');
        if (until !== undefined && origin > until) break;
        if (!excepted.has(origin)) origins.push(origin);
        if (origins.length === MAX_ORIGINS) {
          lookedAtUntil = origin;
          return { origins, isAll: false };
        }
        row = nextOrigin.get(origin);
      }
    }
    return { origins, isAll: true };
  }

  return ({ now, limit, exceptOrigins, onlyOrigins }) => {
    expireChunks(now);
    restartDelays.chunks(now);
    const excepted = new Set<string>(exceptOrigins);
    const { origins: candidates, isAll } =
      onlyOrigins === undefined
        ? pendingOrigins(excepted)
        : { origins: onlyOrigins.filter((origin) => !excepted.has(origin)), isAll: true };
    const chunks = candidates
      .flatMap((origin) => {
        const chunk = oldest.get({ origin, now });
        return chunk === undefined ? [] : [{ id: integer(chunk, 'chunk_id'), seq: integer(chunk, 'seq') }];
      })
      .toSorted((one, other) => one.seq - other.seq)
      .slice(0, limit);
    const leases: ChunkLease[] = [];
    for (const { id, seq } of chunks) {
      const leased = lease.get({ id, now });
      const row = message.get(seq);
      if (leased !== undefined && row !== undefined) leases.push(toLease(leased, row));
    }
    const following = next.get({
      except: JSON.stringify(exceptOrigins),
      only: onlyOrigins === undefined ? null : JSON.stringify(onlyOrigins),
    });
    const nextAt = following === undefined ? null : integer(following, 'run_at');
    // Of what is due, none was among these push services: the next call looks at the following ones.
    const isMissed = !isAll && leases.length === 0 && nextAt !== null && nextAt <= now;
    return { leases, nextAt: isMissed ? now + 1 : nextAt };
  };
}

function toLease(chunk: Row, message: Row): ChunkLease {
  return {
    id: branded(integer(chunk, 'chunk_id')),
    token: integer(chunk, 'token'),
    message: toStoredMessage(message),
    origin: branded(text(chunk, 'push_origin')),
    cursor: branded(integer(chunk, 'cursor')),
    expiresAt: integer(chunk, 'expires_at'),
    devicesPerSecond: integerOrNull(message, 'devices_per_second'),
  };
}
