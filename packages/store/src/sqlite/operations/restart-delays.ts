import type { DatabaseSync } from 'node:sqlite';
import { restartedExpirySql } from '../../expiry-sql.ts';
import { LONGEST_DELAY_MS, LONGEST_HOLD_MS, LONGEST_SHORT_SCHEDULE_MS } from '../../waiting.ts';

/** One process writes the rows, so a later time than its own says that the clock was set back; less than this does not matter. */
export const TOLERANCE_MS = 2_000;

/**
 * Each updates rows that were written before the clock was set back: their delay, and what is left of their TTL, begin anew. It is one look into an index where there
 * are none. No row is found twice, since it is written with the time of now.
 */
export interface RestartDelays {
  /** Returns whether some may be left. */
  deliveries(now: number, limit: number): boolean;
  chunks(now: number): void;
  /** A message for a later time than in a minute waits for that time, however the clock is set. */
  messages(now: number): void;
}

export function prepareRestartDelays(database: DatabaseSync): RestartDelays {
  const deliveries = database.prepare(`
    UPDATE deliveries SET run_at = :now + min(max(run_at - held_at, 0), ${LONGEST_DELAY_MS}), held_at = :now,
      expires_at = ${restartedExpirySql({ messages: 'messages', row: 'deliveries', now: ':now' })}
    WHERE (seq, device_id) IN (
      SELECT seq, device_id FROM deliveries INDEXED BY deliveries_held
      WHERE state = 'retrying' AND held_at > :now + ${TOLERANCE_MS} LIMIT :limit)`);
  const chunks = database.prepare(`
    UPDATE chunks INDEXED BY chunks_held
    SET run_at = :now + min(max(run_at - held_at, 0), ${LONGEST_HOLD_MS}), held_at = :now,
      expires_at = ${restartedExpirySql({ messages: 'messages', row: 'chunks', now: ':now' })}
    WHERE state = 'pending' AND held_at > :now + ${TOLERANCE_MS}`);
  // A scheduled message counts as made now, so that its delay is known where the clock is set back again. The created_at of a queued
  // one stays as it was told, and this is asked by what run_at becomes.
  const messages = database.prepare(`
    UPDATE messages INDEXED BY messages_waiting SET run_at = :now + max(run_at - created_at, 0),
      created_at = CASE state WHEN 'scheduled' THEN :now ELSE created_at END
    WHERE state IN ('scheduled', 'queued') AND created_at > :now + ${TOLERANCE_MS} AND run_at > :now
      AND run_at - created_at <= ${LONGEST_SHORT_SCHEDULE_MS} AND (state = 'queued' OR run_at >= created_at)`);
  return {
    deliveries: (now, limit) => Number(deliveries.run({ now, limit }).changes) === limit,
    chunks(now) {
      chunks.run({ now });
    },
    messages(now) {
      messages.run({ now });
    },
  };
}
