import type { DatabaseSync } from 'node:sqlite';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

/**
 * Ends a message that nothing is left of: no open chunk, no unfinished delivery. A paused one ends too, where it was
 * planned before. It is `expired` where a part of it was not sent in time.
 */
export function prepareFinishMessage(database: DatabaseSync): (seq: number, now: number) => void {
  const finish = database.prepare(`
    UPDATE messages SET ended_at = ${NO_EARLIER_THAN_TRUSTED}, resumes_to = NULL,
      state = iif(EXISTS (SELECT 1 FROM chunks WHERE seq = :seq AND state = 'expired'), 'expired', 'done')
    WHERE seq = :seq AND coalesce(resumes_to, state) = 'fanning-out'
      AND NOT EXISTS (SELECT 1 FROM chunks WHERE seq = :seq AND state IN ('pending', 'leased'))
      AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_open WHERE seq = :seq AND state IN ('sending', 'retrying'))`);
  return (seq, now) => {
    finish.run({ seq, now });
  };
}
