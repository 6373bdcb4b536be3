import type { RemovedDevices } from '../../device.ts';
import type { SessionId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { bytesOrNull, integer } from '../row.ts';
import { type ChangeDevices, toEndedDevice } from './change-devices.ts';
import { prepareEndedSessions } from './ended-sessions.ts';

interface Request {
  readonly sessionId: SessionId;
  readonly now: number;
}

/** See `Store.endSession`. */
export function prepareEndSession(
  database: Database,
  changeDevices: ChangeDevices,
): (request: Request) => Promise<RemovedDevices> {
  const endedSessions = prepareEndedSessions(database);
  const remove = database.prepare(`
    DELETE FROM belfry.devices
    WHERE id IN (SELECT id FROM belfry.devices WHERE session_id = $1 ORDER BY id FOR UPDATE)
    RETURNING id, binding, state, secret_hash, user_id`);
  return ({ sessionId, now }) =>
    changeDevices({ key: `session:${sessionId}`, now }, async (transaction) => {
      await endedSessions.add(transaction, sessionId);
      const rows = await transaction.rows(remove, sessionId);
      const removed = rows.map(toEndedDevice);
      const retired = rows.flatMap(([, , , hash, userId]) => {
        const secretHash = bytesOrNull(hash);
        return secretHash === null ? [] : [{ secretHash, user: integer(userId) }];
      });
      transaction.retire(retired);
      transaction.withdraw(removed);
      return {
        endedBindings: removed.map(({ binding }) => binding),
        live: rows.filter(([, , state]) => state === 'live').length,
      };
    });
}
