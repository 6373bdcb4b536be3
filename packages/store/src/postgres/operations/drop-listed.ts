import type { Database } from '../database.ts';
import { prepareFinishMessages } from './finish-messages.ts';

export interface ListedDelivery {
  readonly seq: number;
  readonly deviceId: number;
}

interface DropListed {
  readonly now: number;
  /** See `Database.transaction`. */
  readonly lockMs?: number | undefined;
  /** Only deliveries that are in one of these states by then. */
  readonly states: readonly ('sending' | 'retrying')[];
}

/**
 * Ends these deliveries as dropped, in a transaction of its own, since it locks messages before deliveries.
 *
 * @param condition SQL that still has to hold for a delivery `l`
 */
export function prepareDropListed(
  database: Database,
  condition = 'true',
): (deliveries: readonly ListedDelivery[], options: DropListed) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const drop = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'dropped', run_at = NULL, leased_by = NULL, updated_at = $3
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS f (seq, device_id)
    WHERE l.seq = f.seq AND l.device_id = f.device_id AND l.state = ANY ($4::TEXT[]) AND ${condition}`);
  return async (deliveries, { now, states, lockMs }) => {
    if (deliveries.length === 0) return;
    const seqs = deliveries.map(({ seq }) => seq);
    const deviceIds = deliveries.map(({ deviceId }) => deviceId);
    await database.transaction(
      async (transaction) => {
        await messages.lock(transaction, seqs);
        await transaction.rows(drop, seqs, deviceIds, now, states);
        await messages.finish(transaction, seqs);
      },
      { lockMs },
    );
  };
}
