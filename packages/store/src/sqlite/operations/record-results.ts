import type { DatabaseSync } from 'node:sqlite';
import { type AttemptResult, MAX_FAILURES, MIN_FAILING_MS } from '../../message.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** See `Store.recordResults`. */
export function prepareRecordResults(database: DatabaseSync): (results: readonly AttemptResult[]) => void {
  const finishMessage = prepareFinishMessage(database);
  // Only what is being sent: a delivery that was dropped meanwhile stays dropped.
  const record = database.prepare(`
    UPDATE deliveries SET state = :state, run_at = :runAt, attempts = attempts + :attempts, updated_at = :now
    WHERE seq = :seq AND device_id = :deviceId AND state = 'sending'`);
  const markGone = database.prepare(`
    UPDATE devices SET state = 'gone', gone_at = :now, updated_at = :now
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint`);
  const countFailure = database.prepare(`
    UPDATE devices SET failures = failures + 1, failing_since = coalesce(failing_since, :now)
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint
    RETURNING failures >= ${MAX_FAILURES} AND :now - failing_since > ${MIN_FAILING_MS} AS is_gone`);
  const forgetFailures = database.prepare(`
    UPDATE devices SET failures = 0, failing_since = NULL WHERE id = ? AND failures > 0`);
  return (results) => {
    for (const result of results) {
      const { seq, deviceId, state, now } = result;
      const isHeld = result.state === 'retrying' && result.isHeld === true;
      const runAt = result.state === 'retrying' ? result.runAt : null;
      record.run({ seq, deviceId, state, now, runAt, attempts: isHeld ? 0 : 1 });
      if (result.state === 'accepted') forgetFailures.run(deviceId);
      if (result.state === 'gone') markGone.run({ deviceId, now, endpoint: result.endpoint });
      if (result.state === 'rejected' && result.endpoint !== undefined) {
        const failed = { deviceId, now, endpoint: result.endpoint };
        if (countFailure.get(failed)?.['is_gone'] === 1) markGone.run(failed);
      }
    }
    for (const seq of new Set(results.map((result) => result.seq))) finishMessage(seq);
  };
}
