import type { Database } from '../database.ts';
import { integer } from '../row.ts';

/** Deliveries that one call changes: these took some 100 ms on a busy machine, and other calls go on beside them. */
const MAX_PARKED_AT_ONCE = 2_000;

/**
 * Takes the `run_at` from due deliveries of messages that are paused or over, as SQLite does. They get it back when the message is
 * resumed. Otherwise each call of `takeDue` would read them again: 310 to 410 ms for 20,000. Deliveries of a message that is still
 * to be planned keep their `run_at`: `belfry migrate` may have copied them.
 *
 * The messages are locked first: whoever resumes one waits, and then finds what was parked. A message that somebody has locked, perhaps
 * for seconds in order to cancel it, is left to the next call.
 */
export function prepareParkPaused(database: Database): (seqs: ReadonlySet<number>, now: number) => Promise<void> {
  const lock = database.prepare(`
    SELECT seq FROM belfry.messages WHERE seq = ANY ($1::BIGINT[]) AND state IN ('paused', 'done', 'cancelled', 'expired')
    ORDER BY seq FOR SHARE SKIP LOCKED`);
  const park = database.prepare(`
    UPDATE belfry.deliveries l SET run_at = NULL FROM (
      SELECT seq, device_id FROM belfry.deliveries
      WHERE state = 'retrying' AND run_at <= $2 AND seq = ANY ($1::BIGINT[])
      ORDER BY run_at LIMIT ${MAX_PARKED_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) AS p WHERE l.seq = p.seq AND l.device_id = p.device_id`);
  return async (seqs, now) => {
    if (seqs.size === 0) return;
    await database.transaction(async ({ rows }) => {
      const paused = (await rows(lock, [...seqs])).map(([seq]) => integer(seq));
      if (paused.length > 0) await rows(park, paused, now);
    });
  };
}
