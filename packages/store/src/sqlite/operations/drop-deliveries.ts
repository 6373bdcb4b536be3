import type { DatabaseSync } from 'node:sqlite';
import { MAX_DROPPED_AT_ONCE } from '../../waiting-deliveries.ts';
import { integer } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';

/**
 * Ends what is on its way to devices that changed hands or were removed: it must not reach whoever is there now. Of each device the
 * newest go first, since they may be in flight. Beyond `MAX_DROPPED_AT_ONCE`, `TakeDue` drops them when they are due.
 */
export function prepareDropDeliveries(database: DatabaseSync): (deviceIds: readonly number[], now: number) => void {
  const finishMessage = prepareFinishMessage(database);
  const drop = database.prepare(`
    UPDATE deliveries SET state = 'dropped', run_at = NULL, updated_at = :now
    WHERE (seq, device_id) IN (
      SELECT seq, device_id FROM deliveries INDEXED BY deliveries_device
      WHERE device_id = :deviceId AND state IN ('sending', 'retrying') ORDER BY seq DESC LIMIT :limit)
    RETURNING seq`);
  return (deviceIds, now) => {
    const limit = Math.ceil(MAX_DROPPED_AT_ONCE / deviceIds.length);
    const dropped = deviceIds.flatMap((deviceId) => drop.all({ deviceId, now, limit }));
    for (const seq of new Set(dropped.map((row) => integer(row, 'seq')))) finishMessage(seq, now);
  };
}
