import type { DatabaseSync } from 'node:sqlite';
import { type CommitPage, type CommitPageOutcome, STRAGGLER_LEASE } from '../../chunk.ts';
import { outdatedSql } from '../../outdated-sql.ts';
import { integer, text } from '../row.ts';
import { prepareCollapseOlder } from './collapse-older.ts';
import { prepareFinishMessage } from './finish-message.ts';
import { prepareMarkDevice } from './mark-device.ts';

const IS_OUTDATED = outdatedSql({ schema: '', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/** See `Store.commitPage`. A page of which everything was accepted is one UPDATE. */
export function prepareCommitPage(database: DatabaseSync): (page: CommitPage) => CommitPageOutcome {
  const finishMessage = prepareFinishMessage(database);
  const markDevice = prepareMarkDevice(database);
  const collapseOlder = prepareCollapseOlder(database);
  // A chunk of a message that is over ends; one of a paused message waits.
  const commit = database.prepare(`
    UPDATE chunks SET cursor = :cursor,
      state = (SELECT CASE
        WHEN :isLast OR m.state IN ('done', 'cancelled', 'expired') THEN 'done'
        WHEN :isReleased OR m.state <> 'fanning-out' THEN 'pending'
        ELSE 'leased' END FROM messages m WHERE m.seq = chunks.seq),
      run_at = iif(:isReleased, :releaseUntil, run_at), held_at = iif(:isReleased, :now, held_at),
      counts = (SELECT json_group_object(key, devices) FROM (
        SELECT key, sum(value) AS devices FROM (
          SELECT key, value FROM json_each(chunks.counts) UNION ALL SELECT key, value FROM json_each(:counts))
        GROUP BY key))
    WHERE id = :chunkId AND token = :token AND state = 'leased'
    RETURNING seq, state, expires_at`);
  // A device that moved to another push service or time zone meanwhile may have one of another chunk: that one does for it. One that
  // had a newer message with the same collapse key meanwhile gets no older one.
  const insert = database.prepare(`
    INSERT INTO deliveries (seq, device_id, binding, state, attempts, run_at, lease, expires_at, updated_at, held_at)
    SELECT m.seq, :deviceId, :binding,
      CASE WHEN m.state IN ('done', 'cancelled', 'expired') THEN 'cancelled'
        WHEN m.collapse_key IS NOT NULL AND EXISTS (SELECT 1 FROM devices d WHERE d.id = :deviceId AND ${IS_OUTDATED})
          THEN 'dropped'
        ELSE :state END, :attempts, :runAt, :lease, :expiresAt, :now, :decidedAt
    FROM messages m WHERE m.seq = :seq
    ON CONFLICT DO NOTHING`);

  return ({ chunkId, token, now, steadyNow = now, cursor, isLast, counts, results, leaseMs, releaseUntil }) => {
    const chunk = commit.get({
      chunkId,
      token,
      cursor,
      now,
      releaseUntil,
      counts: JSON.stringify(counts),
      isLast: Number(isLast),
      isReleased: Number(leaseMs === null),
    });
    if (chunk === undefined) return 'lost';
    const seq = integer(chunk, 'seq');
    const expiresAt = integer(chunk, 'expires_at');
    for (const { deviceId, binding, decidedAt = now, ...outcome } of results) {
      const row = { seq, deviceId, binding, expiresAt, now, decidedAt };
      if (outcome.state === 'sending') {
        // One process has the store, so a lease lasts until that process ends it.
        insert.run({ ...row, state: 'sending', attempts: 0, runAt: null, lease: STRAGGLER_LEASE });
        continue;
      }
      markDevice({ deviceId, outcome, now, steadyNow });
      if (outcome.state === 'accepted') collapseOlder({ seq, deviceId, now });
      if (outcome.state === 'retrying') {
        const attempts = outcome.isHeld === true ? 0 : 1;
        insert.run({ ...row, state: 'retrying', attempts, runAt: outcome.runAt, lease: 0 });
      }
    }
    const state = text(chunk, 'state');
    if (state === 'done') finishMessage(seq, now);
    return state === 'leased' ? 'continues' : 'ended';
  };
}
