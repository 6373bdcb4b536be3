import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { RemovedDevices } from '../../device.ts';
import type { SessionId } from '../../ids.ts';
import { blobOrNull, integer, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareRetiredSecrets } from './retired-secrets.ts';

interface Request {
  readonly sessionId: SessionId;
  readonly now: number;
}

/** See `Store.endSession`. */
export function prepareEndSession(database: DatabaseSync): (request: Request) => RemovedDevices {
  const dropDeliveries = prepareDropDeliveries(database);
  const secrets = prepareRetiredSecrets(database);
  const remove = database.prepare(
    'DELETE FROM devices WHERE session_id = ? RETURNING id, binding, user_id, state, secret_hash',
  );
  return ({ sessionId, now }) => {
    const removed = remove.all(sessionId);
    for (const row of removed) {
      const secretHash = blobOrNull(row, 'secret_hash');
      if (secretHash !== null) secrets.retire({ secretHash, user: integer(row, 'user_id'), now });
    }
    if (removed.length > 0)
      dropDeliveries(
        removed.map((row) => integer(row, 'id')),
        now,
      );
    return {
      endedBindings: removed.map((row) => branded(text(row, 'binding'))),
      live: removed.filter((row) => text(row, 'state') === 'live').length,
    };
  };
}
