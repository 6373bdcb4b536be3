import { isOlderSql } from '../../outdated-sql.ts';
import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import type { ListedDelivery } from './drop-listed.ts';
import { prepareFinishMessages } from './finish-messages.ts';

/**
 * Drops what is on its way to devices of older messages with the collapse key of one that was accepted. That includes what is in
 * flight: if the push service accepts it, it is `accepted`, and otherwise nobody tries it again. `TakeDue` would not always notice,
 * since it looks at a limited number of newer messages.
 *
 * The transaction has locked devices by now, and messages come before devices: a transaction that has the older message may be
 * waiting for one of the devices. So an older message that is locked is passed over. It returns the deliveries of those, which the
 * caller drops by `DropListed` once its transaction is committed. Where that fails, the same call comes again and finds them once
 * more. Where the process ends before, they are dropped when they are due (see `IS_NOT_TO_BE_SENT`), except where the newer message
 * is a broadcast to another audience, or one of 100 and more newer ones.
 */
export function prepareCollapseOlder(
  database: Database,
): (transaction: Transaction, accepted: readonly ListedDelivery[], now: number) => Promise<readonly ListedDelivery[]> {
  const messages = prepareFinishMessages(database);
  const find = database.prepare(`
    SELECT l.seq, l.device_id
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS a (seq, device_id)
      JOIN belfry.messages newer ON newer.seq = a.seq
      JOIN belfry.deliveries l ON l.device_id = a.device_id AND l.seq < a.seq AND l.state IN ('sending', 'retrying')
      JOIN belfry.messages older ON older.seq = l.seq AND older.collapse_key = newer.collapse_key
        AND ${isOlderSql({ older: 'older', newerCreatedAt: 'newer.created_at' })}`);
  const lock = database.prepare(`
    SELECT seq FROM belfry.messages WHERE seq = ANY ($1::BIGINT[]) ORDER BY seq FOR NO KEY UPDATE SKIP LOCKED`);
  const drop = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'dropped', run_at = NULL, leased_by = NULL, updated_at = $3
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS a (seq, device_id)
    WHERE l.seq = a.seq AND l.device_id = a.device_id AND l.state IN ('sending', 'retrying')`);
  return async (transaction, accepted, now) => {
    if (accepted.length === 0) return [];
    const found = await transaction.rows(find, ...columnsOf(accepted));
    if (found.length === 0) return [];
    const older = found.map(([seq, deviceId]) => ({ seq: integer(seq), deviceId: integer(deviceId) }));
    const seqs = older.map(({ seq }) => seq);
    const locked = new Set((await transaction.rows(lock, seqs)).map(([seq]) => integer(seq)));
    const dropped = older.filter(({ seq }) => locked.has(seq));
    if (dropped.length > 0) {
      await transaction.rows(drop, ...columnsOf(dropped), now);
      await messages.finish(transaction, [...locked]);
    }
    return older.filter(({ seq }) => !locked.has(seq));
  };
}

function columnsOf(deliveries: readonly ListedDelivery[]) {
  return [deliveries.map(({ seq }) => seq), deliveries.map(({ deviceId }) => deviceId)] as const;
}
