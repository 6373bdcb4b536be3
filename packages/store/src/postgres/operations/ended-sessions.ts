import { SESSION_END_REMEMBERED_MS } from '../../ended-sessions.ts';
import type { SessionId } from '../../ids.ts';
import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import { TOLERANCE_MS } from './restart-delays.ts';

/** Rows that one call deletes, which is more than one call adds. */
const DELETED_AT_ONCE = 10;

/** The sessions that ended lately, for all processes, by the clock of PostgreSQL. */
export interface PreparedEndedSessions {
  /** Until the transaction ends, nobody saves a device of the session. */
  add(transaction: Transaction, sessionId: SessionId): Promise<void>;
  /** Whether the session ended since a request came that is `ageMs()` old. Until the transaction ends, it does not. */
  hasEnded(transaction: Transaction, request: { readonly sessionId: SessionId; ageMs(): number }): Promise<boolean>;
}

/**
 * Both lock the session first, before any row: a device that is being saved while its session ends would else be seen by neither.
 * Those that save devices of one session do not wait for each other.
 */
export function prepareEndedSessions(database: Database): PreparedEndedSessions {
  // The first number tells these locks from those on users.
  const lock = database.prepare('SELECT pg_advisory_xact_lock(2, hashtext($1))');
  const lockShared = database.prepare('SELECT pg_advisory_xact_lock_shared(2, hashtext($1))');
  const insert = database.prepare(`
    INSERT INTO belfry.ended_sessions (session_id, ended_at) VALUES ($1, belfry.clock_ms())
    ON CONFLICT (session_id) DO UPDATE SET ended_at = excluded.ended_at`);
  const deleteOld = database.prepare(`
    DELETE FROM belfry.ended_sessions WHERE session_id IN (
      SELECT session_id FROM belfry.ended_sessions WHERE ended_at < belfry.clock_ms() - ${SESSION_END_REMEMBERED_MS}
      ORDER BY ended_at LIMIT ${DELETED_AT_ONCE} FOR UPDATE SKIP LOCKED)`);
  // A mark that lies further ahead is from before PostgreSQL's clock was set back. Requests from then are long over.
  const find = database.prepare(`
    SELECT belfry.clock_ms() - ended_at FROM belfry.ended_sessions
    WHERE session_id = $1 AND ended_at <= belfry.clock_ms() + ${TOLERANCE_MS}`);
  return {
    async add({ rows }, sessionId) {
      await rows(lock, sessionId);
      await rows(insert, sessionId);
      await rows(deleteOld);
    },
    async hasEnded({ rows }, { sessionId, ageMs }) {
      await rows(lockShared, sessionId);
      const [ended] = await rows(find, sessionId);
      // The age is asked afterwards, as the lock may have been waited for. The clock of PostgreSQL cuts its times to milliseconds.
      return ended !== undefined && integer(ended[0]) - 1 < ageMs();
    },
  };
}
