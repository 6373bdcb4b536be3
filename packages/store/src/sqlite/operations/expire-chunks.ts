import type { DatabaseSync } from 'node:sqlite';
import { integer } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** Ends the chunks that nobody has and whose time is over, and their messages where that was all. */
export function prepareExpireChunks(database: DatabaseSync): (now: number) => void {
  const finishMessage = prepareFinishMessage(database);
  const expire = database.prepare(`
    UPDATE chunks AS c INDEXED BY chunks_expiring SET state = 'expired'
    WHERE c.state = 'pending' AND c.expires_at <= ?
      AND (SELECT state FROM messages WHERE seq = c.seq) = 'fanning-out'
    RETURNING seq`);
  return (now) => {
    const expired = new Set(expire.all(now).map((row) => integer(row, 'seq')));
    for (const seq of expired) finishMessage(seq, now);
  };
}
