import { outdatedSql } from '../../outdated-sql.ts';
import type { Database } from '../database.ts';
import { prepareFinishMessages } from './finish-messages.ts';

interface ForeignDelivery {
  readonly seq: number;
  readonly deviceId: number;
}

const IS_OUTDATED = outdatedSql({ schema: 'belfry.', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/** SQL: the device of a delivery `l` changed hands or went since it was made, or had a newer message with its collapse key. */
export const IS_NOT_TO_BE_SENT: string = `NOT EXISTS (
    SELECT 1 FROM belfry.devices d
    WHERE d.id = l.device_id AND d.binding = l.binding AND d.state = 'live' AND NOT EXISTS (
      SELECT 1 FROM belfry.messages m WHERE m.seq = l.seq AND m.collapse_key IS NOT NULL AND ${IS_OUTDATED}) OFFSET 0)`;

/** Ends deliveries that are not to be sent any more, where that is still so. */
export function prepareDropForeign(
  database: Database,
): (deliveries: readonly ForeignDelivery[], now: number) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const drop = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'dropped', run_at = NULL, leased_by = NULL, updated_at = $3
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS f (seq, device_id)
    WHERE l.seq = f.seq AND l.device_id = f.device_id AND l.state IN ('sending', 'retrying') AND ${IS_NOT_TO_BE_SENT}`);
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
