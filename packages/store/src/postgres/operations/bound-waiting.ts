import { MAX_DROPPED_AT_ONCE, MAX_WAITING_PER_DEVICE } from '../../waiting-deliveries.ts';
import type { AttemptResult } from '../../message.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';
import { prepareDropListed } from './drop-listed.ts';

/** Of so many messages, one looks at a device. To look at one that has 1,000 waiting takes a millisecond. */
const MESSAGES_PER_LOOK = 16;

/** More than `MESSAGES_PER_LOOK`, so that a device that has far too many comes down to the bound. */
const MAX_DROPPED_FOR_ONE = 50;

/**
 * Drops the oldest deliveries that wait for a device beyond `MAX_WAITING_PER_DEVICE`. Results that do not add to what waits cost
 * nothing, and each device is looked at with a sixteenth of the messages.
 */
export function prepareBoundWaiting(database: Database): (results: readonly AttemptResult[]) => Promise<void> {
  const dropListed = prepareDropListed(database);
  const find = database.prepare(`
    SELECT l.seq, l.device_id FROM unnest($1::BIGINT[]) AS d (id) CROSS JOIN LATERAL (
      SELECT seq, device_id FROM belfry.deliveries WHERE device_id = d.id AND state = 'retrying'
      ORDER BY seq DESC OFFSET ${MAX_WAITING_PER_DEVICE} LIMIT ${MAX_DROPPED_FOR_ONE}
    ) AS l LIMIT ${MAX_DROPPED_AT_ONCE}`);
  return async (results) => {
    // Later leases add none.
    const added = results.filter(
      ({ state, lease, seq, deviceId }) =>
        state === 'retrying' && lease === 1 && (seq + deviceId) % MESSAGES_PER_LOOK === 0,
    );
    if (added.length === 0) return;
    const found = await database.read(
      find,
      added.map(({ deviceId }) => deviceId),
    );
    await dropListed(
      found.map(([seq, deviceId]) => ({ seq: integer(seq), deviceId: integer(deviceId) })),
      { now: Math.max(...added.map(({ now }) => now)), states: ['retrying'] },
    );
  };
}
