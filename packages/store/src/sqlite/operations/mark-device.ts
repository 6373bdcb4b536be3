import type { DatabaseSync } from 'node:sqlite';
import { type AttemptOutcome, MAX_FAILURES, MIN_FAILING_MS } from '../../message.ts';

interface MarkDevice {
  readonly deviceId: number;
  readonly outcome: AttemptOutcome;
  readonly now: number;
  /** By this a device has failed for so long, and is gone since then: see `CheckDate.steadyNow`. */
  readonly steadyNow: number;
}

/** Keeps what an attempt says about its device, as `AttemptOutcome` has it. */
export function prepareMarkDevice(database: DatabaseSync): (attempt: MarkDevice) => void {
  const markGone = database.prepare(`
    UPDATE devices SET state = 'gone', gone_at = :steadyNow, updated_at = :now
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint`);
  const countFailure = database.prepare(`
    UPDATE devices SET failures = failures + 1, failing_since = min(coalesce(failing_since, :steadyNow), :steadyNow)
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint
    RETURNING failures >= ${MAX_FAILURES} AND :steadyNow - failing_since > ${MIN_FAILING_MS} AS is_gone`);
  const forgetFailures = database.prepare(`
    UPDATE devices SET failures = 0, failing_since = NULL WHERE id = ? AND failures > 0`);
  const prove = database.prepare(`
    UPDATE devices SET accepted_at = :now
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint AND accepted_at IS NULL`);
  const markKeyMismatch = database.prepare(`
    UPDATE devices SET refused_at = coalesce(refused_at, :now)
    WHERE id = :deviceId AND state = 'live' AND endpoint = :endpoint`);
  return ({ deviceId, outcome, now, steadyNow }) => {
    switch (outcome.state) {
      case 'accepted':
        forgetFailures.run(deviceId);
        if (outcome.endpoint !== undefined) prove.run({ deviceId, now, endpoint: outcome.endpoint });
        return;
      case 'gone':
        markGone.run({ deviceId, now, steadyNow, endpoint: outcome.endpoint });
        return;
      case 'rejected': {
        if (outcome.endpoint === undefined) return;
        const failed = { deviceId, steadyNow, endpoint: outcome.endpoint };
        if (countFailure.get(failed)?.['is_gone'] === 1) markGone.run({ ...failed, now });
        return;
      }
      case 'key-mismatch':
        markKeyMismatch.run({ deviceId, now, endpoint: outcome.endpoint });
        return;
      case 'retrying':
      case 'misconfigured':
      case 'expired':
    }
  };
}
