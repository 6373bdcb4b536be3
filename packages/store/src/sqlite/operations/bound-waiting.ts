import type { DatabaseSync } from 'node:sqlite';
import { MAX_WAITING_PER_DEVICE } from '../../waiting-deliveries.ts';
import { integer } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** More than one, so that a device that has far too many comes down to the bound. */
const MAX_DROPPED_FOR_ONE = 10;

/** The bound, as SQL that finds the oldest open deliveries beyond it. */
export const BEYOND_BOUND_SQL: string = `
  SELECT seq, device_id FROM deliveries INDEXED BY deliveries_waiting
  WHERE device_id = :deviceId AND state = 'retrying'
  ORDER BY seq DESC LIMIT ${MAX_DROPPED_FOR_ONE} OFFSET ${MAX_WAITING_PER_DEVICE}`;

/**
 * Drops the oldest deliveries that wait for a device beyond `MAX_WAITING_PER_DEVICE`. It reads an index alone: 2 µs for a device
 * with a few, 40 µs for one at the bound.
 */
export function prepareBoundWaiting(database: DatabaseSync): (deviceId: number, now: number) => void {
  const finishMessage = prepareFinishMessage(database);
  const drop = database.prepare(`
    UPDATE deliveries SET state = 'dropped', run_at = NULL, updated_at = :now
    WHERE (seq, device_id) IN (${BEYOND_BOUND_SQL}) RETURNING seq`);
  return (deviceId, now) => {
    for (const row of drop.all({ deviceId, now })) finishMessage(integer(row, 'seq'), now);
  };
}
