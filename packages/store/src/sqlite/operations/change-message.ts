import type { DatabaseSync } from 'node:sqlite';
import type { MessageId } from '../../ids.ts';
import type { MessageChange, MessageChangeOutcome } from '../../message.ts';
import { integer, text } from '../row.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';

interface Request {
  readonly id: MessageId;
  readonly change: MessageChange;
  readonly now: number;
}

export interface MessageChanged {
  readonly outcome: MessageChangeOutcome;
  /** The same call again goes on with the message's deliveries. Its outcome does not count. */
  readonly isMore: boolean;
}

/** Deliveries that one call changes. With 50,000 in one transaction, all other writes waited for 208 ms. */
export const MAX_CHANGED_AT_ONCE = 2_000;

/**
 * See `Store.changeMessage`. Where the caller does not go on, `TakeDue` cancels what is left of a cancelled message, and
 * `ReleaseLeases` wakes what is left of a resumed one at the next start.
 */
export function prepareChangeMessage(database: DatabaseSync): (request: Request) => MessageChanged {
  const find = database.prepare('SELECT seq, state FROM messages WHERE id = ?');
  const pause = database.prepare(`
    UPDATE messages SET resumes_to = state, state = 'paused'
    WHERE seq = ? AND state IN ('scheduled', 'queued', 'fanning-out')`);
  const resume = database.prepare(`
    UPDATE messages SET state = resumes_to, resumes_to = NULL WHERE seq = ? AND state = 'paused'`);
  const wake = database.prepare(`
    UPDATE deliveries SET run_at = 0 WHERE (seq, device_id) IN (
      SELECT seq, device_id FROM deliveries INDEXED BY deliveries_due
      WHERE state = 'retrying' AND run_at IS NULL AND seq = :seq
      LIMIT ${MAX_CHANGED_AT_ONCE})`);
  const cancel = database.prepare(`
    UPDATE messages SET state = 'cancelled', resumes_to = NULL, ended_at = ${NO_EARLIER_THAN_TRUSTED}
    WHERE seq = :seq AND state NOT IN ('done', 'cancelled', 'expired')`);
  // A chunk that is leased ends with its page in flight, which is still counted.
  const cancelChunks = database.prepare("UPDATE chunks SET state = 'done' WHERE seq = ? AND state = 'pending'");
  const cancelDeliveries = database.prepare(`
    UPDATE deliveries SET state = 'cancelled', run_at = NULL, updated_at = :now WHERE (seq, device_id) IN (
      SELECT seq, device_id FROM deliveries INDEXED BY deliveries_open
      WHERE seq = :seq AND state IN ('sending', 'retrying') LIMIT ${MAX_CHANGED_AT_ONCE})`);

  return ({ id, change, now }) => {
    const message = find.get(id);
    if (message === undefined) return { outcome: 'unknown-message', isMore: false };
    const seq = integer(message, 'seq');
    const state = text(message, 'state');
    switch (change) {
      case 'pause':
        return { outcome: pause.run(seq).changes > 0 ? 'changed' : 'unchanged', isMore: false };
      case 'resume': {
        const outcome = resume.run(seq).changes > 0 ? 'changed' : 'unchanged';
        const isUnderWay = outcome === 'changed' || state === 'fanning-out';
        return { outcome, isMore: isUnderWay && wake.run({ seq }).changes === MAX_CHANGED_AT_ONCE };
      }
      case 'cancel': {
        const outcome = cancel.run({ seq, now }).changes > 0 ? 'changed' : 'unchanged';
        if (outcome === 'unchanged' && state !== 'cancelled') return { outcome, isMore: false };
        cancelChunks.run(seq);
        return { outcome, isMore: cancelDeliveries.run({ seq, now }).changes === MAX_CHANGED_AT_ONCE };
      }
    }
  };
}
