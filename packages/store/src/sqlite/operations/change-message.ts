import type { DatabaseSync } from 'node:sqlite';
import type { MessageId } from '../../ids.ts';
import type { MessageChange, MessageChangeOutcome } from '../../message.ts';
import { integer } from '../row.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

interface Request {
  readonly id: MessageId;
  readonly change: MessageChange;
  readonly now: number;
}

/** See `Store.changeMessage`. */
export function prepareChangeMessage(database: DatabaseSync): (request: Request) => MessageChangeOutcome {
  const find = database.prepare('SELECT 1 FROM messages WHERE id = ?');
  const pause = database.prepare(`
    UPDATE messages SET resumes_to = state, state = 'paused'
    WHERE id = ? AND state IN ('scheduled', 'queued', 'fanning-out') RETURNING seq`);
  const resume = database.prepare(`
    UPDATE messages SET state = resumes_to, resumes_to = NULL WHERE id = ? AND state = 'paused' RETURNING seq`);
  const cancel = database.prepare(`
    UPDATE messages SET state = 'cancelled', resumes_to = NULL, ended_at = ${NO_EARLIER_THAN_TRUSTED}
    WHERE id = :id AND state NOT IN ('done', 'cancelled', 'expired') RETURNING seq`);
  // A chunk that is leased ends with its page in flight, which is still counted.
  const cancelChunks = database.prepare("UPDATE chunks SET state = 'done' WHERE seq = ? AND state = 'pending'");
  const cancelDeliveries = database.prepare(`
    UPDATE deliveries SET state = 'cancelled', run_at = NULL, updated_at = ?
    WHERE seq = ? AND state IN ('sending', 'retrying')`);

  function apply({ id, change, now }: Request): boolean {
    switch (change) {
      case 'pause':
        return pause.get(id) !== undefined;
      case 'resume':
        return resume.get(id) !== undefined;
      case 'cancel': {
        const cancelled = cancel.get({ id, now });
        if (cancelled === undefined) return false;
        const seq = integer(cancelled, 'seq');
        cancelChunks.run(seq);
        cancelDeliveries.run(now, seq);
        return true;
      }
    }
  }

  return (request) => {
    if (apply(request)) return 'changed';
    return find.get(request.id) === undefined ? 'unknown-message' : 'unchanged';
  };
}
