import type { Database, Transaction } from '../database.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

export interface FinishMessages {
  /** Keeps these messages from being finished, paused or cancelled by others until the transaction ends. */
  lock(transaction: Transaction, seqs: readonly number[]): Promise<void>;
  /** Ends those of them that nothing is left of. They must be locked, and what ended them was another statement. */
  finish(transaction: Transaction, seqs: readonly number[]): Promise<void>;
}

/**
 * Two processes may end the last two parts of a message at the same moment. Each sees its own end and not the other's, so both
 * would leave the message open. Therefore the row of the message is locked first, and a new statement, which sees what was
 * committed before the lock was given, looks for what is left. All transactions lock in this order, so that they do not wait for
 * each other in a circle: secret, user, message, chunk, delivery, device, retired secret; and rows of a table by their ids.
 * `lock-order.test.ts` holds it.
 */
export function prepareFinishMessages(database: Database): FinishMessages {
  const lock = database.prepare(
    'SELECT 1 FROM belfry.messages WHERE seq = ANY ($1::BIGINT[]) ORDER BY seq FOR NO KEY UPDATE',
  );
  const finish = database.prepare(`
    UPDATE belfry.messages m SET ended_at = ${NO_EARLIER_THAN_TRUSTED}, resumes_to = NULL, state = CASE
      WHEN EXISTS (SELECT 1 FROM belfry.chunks c WHERE c.seq = m.seq AND c.state = 'expired') THEN 'expired'
      ELSE 'done' END
    WHERE m.seq = ANY ($1::BIGINT[]) AND coalesce(m.resumes_to, m.state) = 'fanning-out'
      AND NOT EXISTS (SELECT 1 FROM belfry.chunks c WHERE c.seq = m.seq AND c.state IN ('pending', 'leased'))
      AND NOT EXISTS (SELECT 1 FROM belfry.deliveries l WHERE l.seq = m.seq AND l.state IN ('sending', 'retrying'))`);
  return {
    async lock({ rows }, seqs) {
      if (seqs.length > 0) await rows(lock, seqs);
    },
    async finish({ rows }, seqs) {
      if (seqs.length > 0) await rows(finish, seqs);
    },
  };
}
