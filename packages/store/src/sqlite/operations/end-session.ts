import type { DatabaseSync } from 'node:sqlite';
import type { SessionId } from '../../ids.ts';
import { integer, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';

interface Request {
  readonly sessionId: SessionId;
  readonly now: number;
}

/** See `Store.endSession`. */
export function prepareEndSession(database: DatabaseSync): (request: Request) => number {
  const dropDeliveries = prepareDropDeliveries(database);
  const remove = database.prepare('DELETE FROM devices WHERE session_id = ? RETURNING id, state');
  return ({ sessionId, now }) => {
    const removed = remove.all(sessionId);
    for (const row of removed) dropDeliveries(integer(row, 'id'), now);
    return removed.filter((row) => text(row, 'state') === 'live').length;
  };
}
