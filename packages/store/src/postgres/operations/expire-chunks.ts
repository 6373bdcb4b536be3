import type { Database } from '../database.ts';
import { integer } from '../row.ts';
import { prepareFinishMessages } from './finish-messages.ts';

/** Ends chunks that nobody has and whose devices are not to be reached any more, and messages that had nothing else left. */
export function prepareExpireChunks(database: Database): (now: number) => Promise<void> {
  const messages = prepareFinishMessages(database);
  const isExpired = `c.state IN ('pending', 'leased') AND c.expires_at <= $1
    AND (c.state = 'pending' OR c.leased_until <= (SELECT belfry.clock_ms()))`;
  const find = database.prepare(`
    SELECT DISTINCT c.seq FROM belfry.chunks c
    WHERE ${isExpired} AND (SELECT m.state FROM belfry.messages m WHERE m.seq = c.seq) = 'fanning-out'`);
  const expire = database.prepare(`
    UPDATE belfry.chunks c SET state = 'expired' WHERE c.seq = ANY ($2::BIGINT[]) AND ${isExpired}`);
  return async (now) => {
    const seqs = (await database.read(find, now)).map(([seq]) => integer(seq));
    if (seqs.length === 0) return;
    await database.transaction(async (transaction) => {
      await messages.lock(transaction, seqs);
      await transaction.rows(expire, now, seqs);
      await messages.finish(transaction, seqs);
    });
  };
}
