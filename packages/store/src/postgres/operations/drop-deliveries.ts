import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import { prepareFinishMessages } from './finish-messages.ts';

interface DropDeliveries {
  readonly deviceId: number;
  readonly now: number;
}

/** Ends what is on its way to a device that changed hands or was removed: it must not reach whoever is there now. */
export function prepareDropDeliveries(
  database: Database,
): (transaction: Transaction, drop: DropDeliveries) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const find = database.prepare(`
    SELECT seq FROM belfry.deliveries WHERE device_id = $1 AND state IN ('sending', 'retrying')`);
  const drop = database.prepare(`
    UPDATE belfry.deliveries SET state = 'dropped', run_at = NULL, updated_at = $2
    WHERE device_id = $1 AND seq = ANY ($3::BIGINT[]) AND state IN ('sending', 'retrying')`);
  return async (transaction, { deviceId, now }) => {
    const seqs = (await transaction.rows(find, deviceId)).map(([seq]) => integer(seq));
    if (seqs.length === 0) return;
    await messages.lock(transaction, seqs);
    await transaction.rows(drop, deviceId, now, seqs);
    await messages.finish(transaction, seqs, now);
  };
}
