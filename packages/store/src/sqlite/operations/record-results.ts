import type { DatabaseSync } from 'node:sqlite';
import type { AttemptResult } from '../../message.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** See `Store.recordResults`. */
export function prepareRecordResults(database: DatabaseSync): (results: readonly AttemptResult[]) => void {
  const finishMessage = prepareFinishMessage(database);
  // Only what is being sent: a delivery that was dropped meanwhile stays dropped.
  const record = database.prepare(`
    UPDATE deliveries SET state = :state, run_at = :runAt, attempts = attempts + 1, updated_at = :now
    WHERE seq = :seq AND device_id = :deviceId AND state = 'sending'`);
  const markGone = database.prepare(`
    UPDATE devices SET state = 'gone', gone_at = :now, updated_at = :now
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint`);
  return (results) => {
    for (const result of results) {
      const { seq, deviceId, state, now } = result;
      record.run({ seq, deviceId, state, now, runAt: result.state === 'retrying' ? result.runAt : null });
      if (result.state === 'gone') markGone.run({ deviceId, now, endpoint: result.endpoint });
    }
    for (const seq of new Set(results.map((result) => result.seq))) finishMessage(seq);
  };
}
