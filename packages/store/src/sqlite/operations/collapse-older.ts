import type { DatabaseSync } from 'node:sqlite';
import { isOlderSql } from '../../outdated-sql.ts';
import { integer, textOrNull } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';

interface Accepted {
  readonly seq: number;
  readonly deviceId: number;
  readonly now: number;
}

/**
 * Drops what is on its way to a device of older messages with the collapse key of one that was accepted, where it has one. That
 * includes what is in flight: if the push service accepts it, it is `accepted`, and otherwise nobody tries it again. `TakeDue` would
 * not always notice, since it looks at a limited number of newer messages.
 */
export function prepareCollapseOlder(database: DatabaseSync): (accepted: Accepted) => void {
  const finishMessage = prepareFinishMessage(database);
  // Most messages have none, and most that is accepted together is of one message.
  const find = database.prepare('SELECT collapse_key, created_at FROM messages WHERE seq = ?');
  const drop = database.prepare(`
    UPDATE deliveries AS l INDEXED BY deliveries_device SET state = 'dropped', run_at = NULL, updated_at = :now
    WHERE l.device_id = :deviceId AND l.state IN ('sending', 'retrying') AND l.seq < :seq
      AND EXISTS (SELECT 1 FROM messages m WHERE m.seq = l.seq AND m.collapse_key = :key
        AND ${isOlderSql({ older: 'm', newerCreatedAt: ':createdAt' })})
    RETURNING seq`);
  let known: { readonly seq: number; readonly key: string | null; readonly createdAt: number } | undefined;

  function newerOf(seq: number) {
    if (known?.seq !== seq) {
      const message = find.get(seq);
      known =
        message === undefined
          ? { seq, key: null, createdAt: 0 }
          : { seq, key: textOrNull(message, 'collapse_key'), createdAt: integer(message, 'created_at') };
    }
    return known;
  }

  return ({ seq, deviceId, now }) => {
    const { key, createdAt } = newerOf(seq);
    if (key === null) return;
    for (const row of drop.all({ seq, deviceId, now, key, createdAt })) finishMessage(integer(row, 'seq'), now);
  };
}
