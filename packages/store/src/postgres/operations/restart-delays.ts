import { restartedSharedExpirySql } from '../../expiry-sql.ts';
import { LONGEST_DELAY_MS, LONGEST_HOLD_MS, LONGEST_SHORT_SCHEDULE_MS } from '../../waiting.ts';
import type { Database } from '../database.ts';

/**
 * A time that lies less far ahead was not written before PostgreSQL's clock was set back. A process of an older version writes the
 * times of its own clock, and that may be a little ahead.
 */
export const TOLERANCE_MS = 300_000;
/** Rows of one call, since each is locked until its end. */
const LIMIT = 1_000;

/**
 * Each updates rows that were written before PostgreSQL's clock was set back: their delay, and what is left of their TTL, begin anew.
 * `now` is PostgreSQL's time.
 */
export interface RestartDelays {
  deliveries(now: number): Promise<void>;
  chunks(now: number): Promise<void>;
  /** A message for a later time than in a minute waits for that time, however the clock is set. */
  messages(now: number): Promise<void>;
}

/**
 * SQL that says whether there are such rows: one look into an index. `now` is a parameter, such as '$1'. It compares the last time:
 * for EXISTS the planner expects a third of the rows, and reads the whole table to find none (20 ms for 100,000 deliveries).
 */
export const IS_SET_BACK = {
  deliveries: (now: string) =>
    `(SELECT max(held_at) FROM belfry.deliveries WHERE state = 'retrying') > ${now}::BIGINT + ${TOLERANCE_MS}`,
  chunks: (now: string) =>
    `(SELECT max(held_at) FROM belfry.chunks WHERE state = 'pending') > ${now}::BIGINT + ${TOLERANCE_MS}`,
  messages: (now: string) => `EXISTS (SELECT 1 FROM belfry.messages WHERE ${isMessageSetBack(now)})`,
} as const;

function isMessageSetBack(now: string): string {
  return `state IN ('scheduled', 'queued') AND created_at > ${now}::BIGINT + ${TOLERANCE_MS} AND run_at > ${now}::BIGINT
    AND run_at - created_at <= ${LONGEST_SHORT_SCHEDULE_MS} AND (state = 'queued' OR run_at >= created_at)`;
}

export function prepareRestartDelays(database: Database): RestartDelays {
  const restarted = (row: string, longestMs: number) =>
    `run_at = $1::BIGINT + least(greatest(run_at - held_at, 0), ${longestMs}), held_at = $1::BIGINT,
      expires_at = ${restartedSharedExpirySql({ messages: 'belfry.messages', row, now: '$1::BIGINT' })}`;
  const deliveries = database.prepareWrite(`
    UPDATE belfry.deliveries l SET ${restarted('l', LONGEST_DELAY_MS)}
    WHERE ${database.durably} AND state = 'retrying' AND (seq, device_id) IN (
      SELECT seq, device_id FROM belfry.deliveries WHERE state = 'retrying' AND held_at > $1::BIGINT + ${TOLERANCE_MS}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  const chunks = database.prepareWrite(`
    UPDATE belfry.chunks c SET ${restarted('c', LONGEST_HOLD_MS)}
    WHERE ${database.durably} AND state = 'pending' AND id IN (
      SELECT id FROM belfry.chunks WHERE state = 'pending' AND held_at > $1::BIGINT + ${TOLERANCE_MS}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  // A scheduled message counts as made now, so that its delay is known where the clock is set back again.
  const messages = database.prepareWrite(`
    UPDATE belfry.messages SET run_at = $1::BIGINT + greatest(run_at - created_at, 0),
      created_at = CASE state WHEN 'scheduled' THEN $1::BIGINT ELSE created_at END
    WHERE ${database.durably} AND ${isMessageSetBack('$1')} AND seq IN (
      SELECT seq FROM belfry.messages WHERE ${isMessageSetBack('$1')} LIMIT ${LIMIT} FOR NO KEY UPDATE SKIP LOCKED)`);
  return {
    async deliveries(now) {
      await database.write(deliveries, now);
    },
    async chunks(now) {
      await database.write(chunks, now);
    },
    async messages(now) {
      await database.write(messages, now);
    },
  };
}
