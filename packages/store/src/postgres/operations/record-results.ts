import type { AttemptResult } from '../../message.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';
import { prepareBoundWaiting } from './bound-waiting.ts';
import { prepareCollapseOlder } from './collapse-older.ts';
import { type ListedDelivery, prepareDropListed } from './drop-listed.ts';
import { prepareFinishMessages } from './finish-messages.ts';
import { prepareMarkDevices } from './mark-devices.ts';
import { prepareMarkSilent } from './mark-silent.ts';

/** See `Store.recordResults`. */
export function prepareRecordResults(database: Database): (results: readonly AttemptResult[]) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const markDevices = prepareMarkDevices(database);
  const markSilent = prepareMarkSilent(database);
  const boundWaiting = prepareBoundWaiting(database);
  const dropListed = prepareDropListed(database);
  const collapseOlder = prepareCollapseOlder(database);
  // Only what is being sent. Of a message that was cancelled meanwhile, what the push service had taken is accepted nevertheless.
  const record = database.prepare(`
    UPDATE belfry.deliveries l SET state = r.state, run_at = belfry.clock_ms() + r.delay_ms, attempts = l.attempts + r.attempts,
      leased_by = NULL, updated_at = r.now, held_at = belfry.clock_ms()
    FROM unnest($1::BIGINT[], $2::BIGINT[], $3::INTEGER[], $4::TEXT[], $5::BIGINT[], $6::INTEGER[], $7::BIGINT[])
      AS r (seq, device_id, lease, state, delay_ms, attempts, now)
    WHERE l.seq = r.seq AND l.device_id = r.device_id AND l.lease = r.lease
      AND (l.state = 'sending' OR l.state = 'cancelled' AND r.state = 'accepted')
    RETURNING l.seq, l.device_id`);
  // Its device was removed or changed hands, or had a newer message with the same collapse key, while the push service took it: the
  // ledger says so, and the device is left alone.
  const recordDropped = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'accepted', attempts = l.attempts + 1, updated_at = r.now
    FROM unnest($1::BIGINT[], $2::BIGINT[], $3::INTEGER[], $4::BIGINT[]) AS r (seq, device_id, lease, now)
    WHERE l.seq = r.seq AND l.device_id = r.device_id AND l.lease = r.lease AND l.state = 'dropped'`);
  // A call that failed after its commit comes again. What it left to be dropped is found once more then.
  const findRecorded = database.prepare(`
    SELECT l.seq, l.device_id FROM belfry.deliveries l
      JOIN unnest($1::BIGINT[], $2::BIGINT[], $3::INTEGER[]) AS r (seq, device_id, lease)
        ON l.seq = r.seq AND l.device_id = r.device_id AND l.lease = r.lease
    WHERE l.state = 'accepted'`);
  return async (results) => {
    if (results.length === 0) return;
    const seqs = [...new Set(results.map(({ seq }) => seq))];
    const columns = [
      results.map(({ seq }) => seq),
      results.map(({ deviceId }) => deviceId),
      results.map(({ lease }) => lease),
      results.map(({ state }) => state),
      results.map((result) => (result.state === 'retrying' ? result.runAt - result.now : null)),
      results.map((result) => (result.state === 'retrying' && result.isHeld === true ? 0 : 1)),
      results.map(({ now }) => now),
    ];
    const now = Math.max(...results.map((result) => result.now));
    const passedOver = await database.transaction(async (transaction) => {
      await messages.lock(transaction, seqs);
      const recorded = new Set<string>();
      for (const [seq, deviceId] of await transaction.rows(record, ...columns)) {
        recorded.add(keyOf({ seq: integer(seq), deviceId: integer(deviceId) }));
      }
      const counted = results.filter((result) => recorded.has(keyOf(result)));
      await markDevices(
        transaction,
        counted.map((result) => ({ deviceId: result.deviceId, outcome: result, now: result.now })),
      );
      const accepted = counted.filter(({ state }) => state === 'accepted');
      await markSilent(transaction, accepted);
      const late = results.filter((result) => result.state === 'accepted' && !recorded.has(keyOf(result)));
      const acceptedBefore: ListedDelivery[] = [];
      if (late.length > 0) {
        const leases = [
          late.map(({ seq }) => seq),
          late.map(({ deviceId }) => deviceId),
          late.map(({ lease }) => lease),
        ];
        for (const [seq, deviceId] of await transaction.rows(findRecorded, ...leases)) {
          acceptedBefore.push({ seq: integer(seq), deviceId: integer(deviceId) });
        }
        await transaction.rows(
          recordDropped,
          ...leases,
          late.map((result) => result.now),
        );
      }
      const left = await collapseOlder(transaction, [...accepted, ...acceptedBefore], now);
      await messages.finish(transaction, seqs);
      return left;
    });
    await dropListed(passedOver, { now, states: ['sending', 'retrying'] });
    await boundWaiting(results);
  };
}

function keyOf({ seq, deviceId }: { readonly seq: number; readonly deviceId: number }): string {
  return `${seq}/${deviceId}`;
}
