import type { MessageId } from '../../ids.ts';
import type { MessageChange, MessageChangeOutcome } from '../../message.ts';
import type { Database, Transaction } from '../database.ts';
import { integer } from '../row.ts';
import type { Withdrawals } from '../withdrawals.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

interface Request {
  readonly id: MessageId;
  readonly change: MessageChange;
  readonly now: number;
}

interface ChangeMessageOptions {
  readonly database: Database;
  readonly withdrawals: Withdrawals;
  /** Is called when there is work again. */
  onResumed(): void;
}

/** See `Store.changeMessage`. */
export function prepareChangeMessage({
  database,
  withdrawals,
  onResumed,
}: ChangeMessageOptions): (request: Request) => Promise<MessageChangeOutcome> {
  const find = database.prepare('SELECT 1 FROM belfry.messages WHERE id = $1');
  const pause = database.prepare(`
    UPDATE belfry.messages SET resumes_to = state, state = 'paused'
    WHERE id = $1 AND state IN ('scheduled', 'queued', 'fanning-out') RETURNING seq`);
  const resume = database.prepare(`
    UPDATE belfry.messages SET state = resumes_to, resumes_to = NULL WHERE id = $1 AND state = 'paused' RETURNING seq`);
  // SQLite leaves what waits of a paused message without a time, and the store may have come from there.
  const wake = database.prepare(`
    UPDATE belfry.deliveries SET run_at = 0 WHERE seq = $1 AND state = 'retrying' AND run_at IS NULL`);
  const cancel = database.prepare(`
    UPDATE belfry.messages SET state = 'cancelled', resumes_to = NULL, ended_at = ${NO_EARLIER_THAN_TRUSTED}
    WHERE id = $1 AND state NOT IN ('done', 'cancelled', 'expired') RETURNING seq`);
  // A chunk that is leased ends with its page in flight, which is still counted. Pages that are being committed are waited for:
  // what they leave to be tried again is in sight of the statement after this.
  const lockChunks = database.prepare(
    "SELECT 1 FROM belfry.chunks WHERE seq = $1 AND state IN ('pending', 'leased') ORDER BY id FOR UPDATE",
  );
  const cancelChunks = database.prepare("UPDATE belfry.chunks SET state = 'done' WHERE seq = $1 AND state = 'pending'");
  const cancelDeliveries = database.prepare(`
    UPDATE belfry.deliveries SET state = 'cancelled', run_at = NULL, leased_by = NULL, updated_at = $2
    WHERE seq = $1 AND state IN ('sending', 'retrying')`);

  async function apply(transaction: Transaction, { id, change, now }: Request): Promise<boolean> {
    const { rows } = transaction;
    switch (change) {
      case 'pause':
        return (await rows(pause, id)).length > 0;
      case 'resume': {
        const [resumed] = await rows(resume, id);
        if (resumed !== undefined) await rows(wake, integer(resumed[0]));
        return resumed !== undefined;
      }
      case 'cancel': {
        const [cancelled] = await rows(cancel, id);
        if (cancelled === undefined) return false;
        const seq = integer(cancelled[0]);
        await rows(lockChunks, seq);
        await rows(cancelChunks, seq);
        await rows(cancelDeliveries, seq, now);
        await withdrawals.tellAll(transaction, { messages: [id], bindings: [] });
        return true;
      }
    }
  }

  return async (request) => {
    const outcome = await database.transaction<MessageChangeOutcome>(async (transaction) => {
      if (await apply(transaction, request)) return 'changed';
      return (await transaction.rows(find, request.id)).length === 0 ? 'unknown-message' : 'unchanged';
    });
    if (outcome === 'changed' && request.change === 'resume') onResumed();
    return outcome;
  };
}
