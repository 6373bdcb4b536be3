import type { DatabaseSync } from 'node:sqlite';
import type { AttemptResult } from '../../message.ts';
import { prepareBoundWaiting } from './bound-waiting.ts';
import { prepareCollapseOlder } from './collapse-older.ts';
import { prepareFinishMessage } from './finish-message.ts';
import { prepareMarkDevice } from './mark-device.ts';
import { prepareMarkSilent } from './mark-silent.ts';

/** See `Store.recordResults`. */
export function prepareRecordResults(database: DatabaseSync): (results: readonly AttemptResult[]) => void {
  const finishMessage = prepareFinishMessage(database);
  const markDevice = prepareMarkDevice(database);
  const markSilent = prepareMarkSilent(database);
  const boundWaiting = prepareBoundWaiting(database);
  const collapseOlder = prepareCollapseOlder(database);
  // Only what is being sent. Of a message that was cancelled meanwhile, what the push service had taken is accepted nevertheless.
  const record = database.prepare(`
    UPDATE deliveries SET state = :state, run_at = :runAt, attempts = attempts + :attempts, updated_at = :now, held_at = :now
    WHERE seq = :seq AND device_id = :deviceId AND lease = :lease
      AND (state = 'sending' OR state = 'cancelled' AND :state = 'accepted')`);
  // Its device was removed or changed hands, or had a newer message with the same collapse key, while the push service took it: the
  // ledger says so, and the device is left alone.
  const recordDropped = database.prepare(`
    UPDATE deliveries SET state = 'accepted', attempts = attempts + 1, updated_at = :now
    WHERE seq = :seq AND device_id = :deviceId AND lease = :lease AND state = 'dropped'`);
  return (results) => {
    const ended = new Map<number, number>();
    for (const result of results) {
      const { seq, deviceId, state, now, steadyNow = now, lease } = result;
      const isHeld = result.state === 'retrying' && result.isHeld === true;
      const runAt = result.state === 'retrying' ? result.runAt : null;
      if (record.run({ seq, deviceId, state, now, runAt, lease, attempts: isHeld ? 0 : 1 }).changes === 0) {
        if (state === 'accepted') recordDropped.run({ seq, deviceId, now, lease });
        continue;
      }
      markDevice({ deviceId, outcome: result, now, steadyNow });
      if (state === 'accepted') {
        markSilent({ seq, deviceId, now });
        collapseOlder({ seq, deviceId, now });
      }
      if (state !== 'retrying') ended.set(seq, now);
      // Once for each new delivery: later leases add none.
      else if (lease === 1) boundWaiting(deviceId, now);
    }
    for (const [seq, now] of ended) finishMessage(seq, now);
  };
}
