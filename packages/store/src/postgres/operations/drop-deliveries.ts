import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import { prepareFinishMessages } from './finish-messages.ts';

interface DropDeliveries {
  readonly deviceIds: readonly number[];
  readonly now: number;
}

/** Ends what is on its way to devices that changed hands or were removed: it must not reach whoever is there now. */
export function prepareDropDeliveries(
  database: Database,
): (transaction: Transaction, drop: DropDeliveries) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const find = database.prepare(`
    SELECT DISTINCT seq FROM belfry.deliveries WHERE device_id = ANY ($1::BIGINT[]) AND state IN ('sending', 'retrying')`);
  const drop = database.prepare(`
    UPDATE belfry.deliveries SET state = 'dropped', run_at = NULL, updated_at = $2
    WHERE device_id = ANY ($1::BIGINT[]) AND seq = ANY ($3::BIGINT[]) AND state IN ('sending', 'retrying')`);
  return async (transaction, { deviceIds, now }) => {
    if (deviceIds.length === 0) return;
    const seqs = (await transaction.rows(find, deviceIds)).map(([seq]) => integer(seq));
    if (seqs.length === 0) return;
    await messages.lock(transaction, seqs);
    await transaction.rows(drop, deviceIds, now, seqs);
    await messages.finish(transaction, seqs);
  };
}
