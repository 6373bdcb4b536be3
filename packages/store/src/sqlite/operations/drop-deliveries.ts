import type { DatabaseSync } from 'node:sqlite';
import { integer } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** Ends what is on its way to a device that changed hands or was removed: it must not reach whoever is there now. */
export function prepareDropDeliveries(database: DatabaseSync): (deviceId: number, now: number) => void {
  const finishMessage = prepareFinishMessage(database);
  const drop = database.prepare(`
    UPDATE deliveries SET state = 'dropped', run_at = NULL, updated_at = ?
    WHERE device_id = ? AND state IN ('sending', 'retrying') RETURNING seq`);
  return (deviceId, now) => {
    for (const row of drop.all(now, deviceId)) finishMessage(integer(row, 'seq'), now);
  };
}
