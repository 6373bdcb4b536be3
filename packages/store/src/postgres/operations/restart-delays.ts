import { restartedExpirySql } from '../../expiry-sql.ts';
import { LONGEST_DELAY_MS, LONGEST_HOLD_MS, LONGEST_SHORT_SCHEDULE_MS } from '../../waiting.ts';
import type { Database } from '../database.ts';

/** The clocks of processes differ, so a time that lies less far ahead was not written before a clock was set back. */
export const TOLERANCE_MS = 300_000;
/** Rows of one call, since each is locked until its end. */
const LIMIT = 1_000;

/**
 * Each updates rows that were written before the clock was set back: their delay, and what is left of their TTL, begin anew. A
 * delay is counted again, and not left out: two processes whose clocks are far apart would else send what the other holds, in turn, without a pause.
 */
export interface RestartDelays {
  deliveries(now: number): Promise<void>;
  chunks(now: number): Promise<void>;
  /** A message for a later time than in a minute waits for that time, however the clock is set. */
  messages(now: number): Promise<void>;
}

/**
 * SQL: a later time lies ahead. It lies ahead of PostgreSQL's clock too: otherwise it is the caller's clock that is wrong, and
 * other processes go on with the row.
 */
function latest(now: string): string {
  return `greatest(${now}::BIGINT, (SELECT belfry.clock_ms())) + ${TOLERANCE_MS}`;
}

/** SQL that says whether there are such rows: one look into an index. `now` is a parameter, such as '$1'. */
export const IS_SET_BACK = {
  deliveries: (now: string) =>
    `EXISTS (SELECT 1 FROM belfry.deliveries WHERE state = 'retrying' AND held_at > ${latest(now)})`,
  chunks: (now: string) => `EXISTS (SELECT 1 FROM belfry.chunks WHERE state = 'pending' AND held_at > ${latest(now)})`,
  messages: (now: string) => `EXISTS (SELECT 1 FROM belfry.messages WHERE ${isMessageSetBack(now)})`,
} as const;

function isMessageSetBack(now: string): string {
  return `state IN ('scheduled', 'queued') AND created_at > ${latest(now)} AND run_at > ${now}::BIGINT
    AND run_at - created_at <= ${LONGEST_SHORT_SCHEDULE_MS} AND (state = 'queued' OR run_at >= created_at)`;
}

export function prepareRestartDelays(database: Database): RestartDelays {
  const restarted = (row: string, longestMs: number) =>
    `run_at = $1::BIGINT + least(greatest(run_at - held_at, 0), ${longestMs}), held_at = $1::BIGINT,
      expires_at = ${restartedExpirySql({ messages: 'belfry.messages', row, now: '$1::BIGINT' })}`;
  const deliveries = database.prepareWrite(`
    UPDATE belfry.deliveries l SET ${restarted('l', LONGEST_DELAY_MS)}
    WHERE ${database.durably} AND state = 'retrying' AND (seq, device_id) IN (
      SELECT seq, device_id FROM belfry.deliveries WHERE state = 'retrying' AND held_at > ${latest('$1')}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  const chunks = database.prepareWrite(`
    UPDATE belfry.chunks c SET ${restarted('c', LONGEST_HOLD_MS)}
    WHERE ${database.durably} AND state = 'pending' AND id IN (
      SELECT id FROM belfry.chunks WHERE state = 'pending' AND held_at > ${latest('$1')}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  const messages = database.prepareWrite(`
    UPDATE belfry.messages SET run_at = $1::BIGINT + greatest(run_at - created_at, 0)
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
