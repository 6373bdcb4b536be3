import { type AttemptOutcome, MAX_FAILURES, MIN_FAILING_MS } from '../../message.ts';
import type { Database, Transaction } from '../database.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

interface MarkDevice {
  readonly deviceId: number;
  readonly outcome: AttemptOutcome;
  readonly now: number;
}

type EndpointAttempt = { readonly deviceId: number; readonly endpoint: string; readonly now: number };

/**
 * Keeps what attempts say about their devices, as `AttemptOutcome` has it. Several statements change devices, and two transactions
 * with the same devices would wait for each other if each statement locked its own. So the first statement locks all, in the
 * order of their ids.
 */
export function prepareMarkDevices(
  database: Database,
): (transaction: Transaction, attempts: readonly MarkDevice[]) => Promise<void> {
  // Of accepted messages, only the devices that a statement here or `MarkSilent` is about to change.
  const lock = database.prepare(`
    SELECT 1 FROM belfry.devices
    WHERE id = ANY ($1::BIGINT[]) AND (id = ANY ($2::BIGINT[]) OR failures > 0 OR silent_since IS NULL)
    ORDER BY id FOR UPDATE`);
  const forgetFailures = database.prepare(`
    UPDATE belfry.devices SET failures = 0, failing_since = NULL WHERE id = ANY ($1::BIGINT[]) AND failures > 0`);
  const prove = database.prepare(`
    UPDATE belfry.devices d SET accepted_at = a.now
    FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[]) AS a (device_id, endpoint, now)
    WHERE d.id = a.device_id AND d.endpoint = a.endpoint AND d.state = 'live' AND d.accepted_at IS NULL`);
  const markKeyMismatch = database.prepare(`
    UPDATE belfry.devices d SET refused_at = coalesce(d.refused_at, a.now)
    FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[]) AS a (device_id, endpoint, now)
    WHERE d.id = a.device_id AND d.endpoint = a.endpoint AND d.state = 'live'`);
  const markGone = database.prepare(`
    UPDATE belfry.devices d SET state = 'gone', gone_at = ${NO_EARLIER_THAN_TRUSTED}, updated_at = a.now
    FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[]) AS a (device_id, endpoint, now)
    WHERE d.id = a.device_id AND d.endpoint = a.endpoint AND d.state = 'live'`);
  // By the clock that all processes share: a single one that is wrong must not give up a device.
  const isOver = `d.failures + a.n >= ${MAX_FAILURES}
      AND (SELECT belfry.clock_ms()) - d.failing_since > ${MIN_FAILING_MS}`;
  const countFailures = database.prepare(`
    UPDATE belfry.devices d SET failures = d.failures + a.n, failing_since = least(d.failing_since, (SELECT belfry.clock_ms())),
      state = CASE WHEN ${isOver} THEN 'gone' ELSE d.state END,
      gone_at = CASE WHEN ${isOver} THEN ${NO_EARLIER_THAN_TRUSTED} END,
      updated_at = CASE WHEN ${isOver} THEN a.latest ELSE d.updated_at END
    FROM (
      SELECT device_id, endpoint, count(*)::INTEGER AS n, max(now) AS latest
      FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[]) AS each (device_id, endpoint, now) GROUP BY 1, 2
    ) AS a
    WHERE d.id = a.device_id AND d.endpoint = a.endpoint AND d.state = 'live'`);

  return async ({ rows }, attempts) => {
    if (attempts.length === 0) return;
    const accepted: number[] = [];
    const proven: EndpointAttempt[] = [];
    const mismatched: EndpointAttempt[] = [];
    const gone: EndpointAttempt[] = [];
    const failed: EndpointAttempt[] = [];
    for (const { deviceId, outcome, now } of attempts) {
      switch (outcome.state) {
        case 'accepted':
          accepted.push(deviceId);
          if (outcome.endpoint !== undefined) proven.push({ deviceId, endpoint: outcome.endpoint, now });
          break;
        case 'gone':
          gone.push({ deviceId, endpoint: outcome.endpoint, now });
          break;
        case 'rejected':
          if (outcome.endpoint !== undefined) failed.push({ deviceId, endpoint: outcome.endpoint, now });
          break;
        case 'key-mismatch':
          mismatched.push({ deviceId, endpoint: outcome.endpoint, now });
          break;
        case 'retrying':
        case 'misconfigured':
        case 'expired':
      }
    }
    const changed = [proven, mismatched, gone, failed].flat().map(({ deviceId }) => deviceId);
    const all = [...new Set([...changed, ...accepted])];
    // One device has no order.
    if (all.length > 1) await rows(lock, all, changed);
    if (accepted.length > 0) await rows(forgetFailures, accepted);
    if (proven.length > 0) await rows(prove, ...columnsOf(proven));
    if (mismatched.length > 0) await rows(markKeyMismatch, ...columnsOf(mismatched));
    if (gone.length > 0) await rows(markGone, ...columnsOf(gone));
    if (failed.length > 0) await rows(countFailures, ...columnsOf(failed));
  };
}

function columnsOf(attempts: readonly EndpointAttempt[]) {
  return [
    attempts.map(({ deviceId }) => deviceId),
    attempts.map(({ endpoint }) => endpoint),
    attempts.map(({ now }) => now),
  ];
}
