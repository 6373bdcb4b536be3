import type { DatabaseSync } from 'node:sqlite';
import type { Delivery } from '../../message.ts';
import { integer, integerOrNull } from '../row.ts';
import { SELECT_DELIVERIES, toDelivery } from './delivery-row.ts';
import { prepareFinishMessage } from './finish-message.ts';

/** See `Store.takeDue`. */
export function prepareTakeDue(
  database: DatabaseSync,
): (request: { now: number; limit: number }) => { deliveries: readonly Delivery[]; nextDueAt: number | null } {
  const finishMessage = prepareFinishMessage(database);
  const dropForeign = database.prepare(`
    UPDATE deliveries AS l SET state = 'dropped', run_at = NULL, updated_at = :now
    WHERE l.state = 'retrying' AND l.run_at <= :now
      AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = l.device_id AND d.binding = l.binding AND d.state = 'live')
    RETURNING seq`);
  const select = database.prepare(`
    ${SELECT_DELIVERIES} WHERE l.state = 'retrying' AND l.run_at <= :now ORDER BY l.run_at LIMIT :limit`);
  const take = database.prepare(`
    UPDATE deliveries SET state = 'sending', run_at = NULL, updated_at = ? WHERE seq = ? AND device_id = ?`);
  const next = database.prepare("SELECT min(run_at) AS run_at FROM deliveries WHERE state = 'retrying'");
  return ({ now, limit }) => {
    for (const row of dropForeign.all({ now })) finishMessage(integer(row, 'seq'));
    const deliveries = select.all({ now, limit }).map(toDelivery);
    for (const { message, device } of deliveries) take.run(now, message.seq, device.id);
    return { deliveries, nextDueAt: integerOrNull(next.get() ?? {}, 'run_at') };
  };
}
