import type { DatabaseSync } from 'node:sqlite';
import type { MessageId } from '../../ids.ts';
import type { MessageStatus } from '../../message.ts';
import { integer, text } from '../row.ts';

/** See `Store.messageStatus`. */
export function prepareMessageStatus(database: DatabaseSync): (id: MessageId) => MessageStatus | undefined {
  const message = database.prepare('SELECT seq, state FROM messages WHERE id = ?');
  const counts = database.prepare('SELECT state, count(*) AS deliveries FROM deliveries WHERE seq = ? GROUP BY state');
  return (id) => {
    const row = message.get(id);
    if (row === undefined) return undefined;
    return {
      state: text(row, 'state') === 'done' ? 'done' : 'sending',
      deliveries: Object.fromEntries(
        counts.all(integer(row, 'seq')).map((count) => [text(count, 'state'), integer(count, 'deliveries')]),
      ),
    };
  };
}
