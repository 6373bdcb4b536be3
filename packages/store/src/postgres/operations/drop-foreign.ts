import type { Database } from '../database.ts';
import { prepareFinishMessages } from './finish-messages.ts';

interface ForeignDelivery {
  readonly seq: number;
  readonly deviceId: number;
}

/** Ends deliveries whose device changed hands or went since they were made, where that is still so. */
export function prepareDropForeign(
  database: Database,
): (deliveries: readonly ForeignDelivery[], now: number) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const drop = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'dropped', run_at = NULL, leased_by = NULL, updated_at = $3
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS f (seq, device_id)
    WHERE l.seq = f.seq AND l.device_id = f.device_id AND l.state IN ('sending', 'retrying') AND NOT EXISTS (
      SELECT 1 FROM belfry.devices d WHERE d.id = l.device_id AND d.binding = l.binding AND d.state = 'live')`);
  return async (deliveries, now) => {
    if (deliveries.length === 0) return;
    const seqs = deliveries.map(({ seq }) => seq);
    const deviceIds = deliveries.map(({ deviceId }) => deviceId);
    await database.transaction(async (transaction) => {
      await messages.lock(transaction, seqs);
      await transaction.rows(drop, seqs, deviceIds, now);
      await messages.finish(transaction, seqs);
    });
  };
}
