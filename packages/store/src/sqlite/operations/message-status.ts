import type { DatabaseSync } from 'node:sqlite';
import type { MessageId } from '../../ids.ts';
import type { MessageStatus } from '../../message.ts';
import { integer, text } from '../row.ts';
import { toMessageState } from '../../message-state.ts';

/** See `Store.messageStatus`. */
export function prepareMessageStatus(database: DatabaseSync): (id: MessageId) => MessageStatus | undefined {
  const message = database.prepare('SELECT seq, state, created_at, run_at FROM messages WHERE id = ?');
  const counts = database.prepare(`
    SELECT ended, sum(devices) AS devices FROM (
      SELECT state AS ended, count(*) AS devices FROM deliveries WHERE seq = :seq GROUP BY state
      UNION ALL
      SELECT j.key, j.value FROM chunks c, json_each(c.counts) j WHERE c.seq = :seq)
    GROUP BY ended`);
  const receipts = database.prepare('SELECT kind, count(*) AS devices FROM receipts WHERE seq = ? GROUP BY kind');
  return (id) => {
    const row = message.get(id);
    if (row === undefined) return undefined;
    const seq = integer(row, 'seq');
    return {
      id,
      state: toMessageState(text(row, 'state')),
      createdAt: integer(row, 'created_at'),
      runAt: integer(row, 'run_at'),
      deliveries: Object.fromEntries(
        counts.all({ seq }).map((count) => [text(count, 'ended'), integer(count, 'devices')]),
      ),
      receipts: Object.fromEntries(receipts.all(seq).map((count) => [text(count, 'kind'), integer(count, 'devices')])),
    };
  };
}
