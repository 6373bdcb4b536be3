import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import { prepareFinishMessages } from './finish-messages.ts';

interface Accepted {
  readonly seq: number;
  readonly deviceId: number;
}

/**
 * Drops what waits for devices of older messages with the collapse key of one that was accepted. The transaction has locked devices
 * by now, and messages come before devices: a transaction that has the older message may be waiting for one of the devices. So an
 * older message that is locked is passed over. What waits of it is dropped when it is due (see `IS_NOT_TO_BE_SENT`), except where
 * the newer message is a broadcast to another audience.
 */
export function prepareCollapseOlder(
  database: Database,
): (transaction: Transaction, accepted: readonly Accepted[], now: number) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const find = database.prepare(`
    SELECT l.seq, l.device_id
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS a (seq, device_id)
      JOIN belfry.messages newer ON newer.seq = a.seq
      JOIN belfry.deliveries l ON l.device_id = a.device_id AND l.seq < a.seq AND l.state = 'retrying'
      JOIN belfry.messages older ON older.seq = l.seq AND older.collapse_key = newer.collapse_key`);
  const lock = database.prepare(`
    SELECT seq FROM belfry.messages WHERE seq = ANY ($1::BIGINT[]) ORDER BY seq FOR NO KEY UPDATE SKIP LOCKED`);
  const drop = database.prepare(`
    UPDATE belfry.deliveries l SET state = 'dropped', run_at = NULL, updated_at = $3
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS a (seq, device_id)
    WHERE l.seq = a.seq AND l.device_id = a.device_id AND l.state = 'retrying'`);
  return async (transaction, accepted, now) => {
    if (accepted.length === 0) return;
    const seqsOf = accepted.map(({ seq }) => seq);
    const devicesOf = accepted.map(({ deviceId }) => deviceId);
    const older = await transaction.rows(find, seqsOf, devicesOf);
    if (older.length === 0) return;
    const found = older.map(([seq]) => integer(seq));
    const locked = (await transaction.rows(lock, found)).map(([seq]) => integer(seq));
    const dropped = older.filter(([seq]) => locked.includes(integer(seq)));
    if (dropped.length === 0) return;
    await transaction.rows(
      drop,
      dropped.map(([seq]) => integer(seq)),
      dropped.map(([, deviceId]) => integer(deviceId)),
      now,
    );
    await messages.finish(transaction, locked);
  };
}
