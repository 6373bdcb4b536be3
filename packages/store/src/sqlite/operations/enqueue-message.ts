import type { DatabaseSync } from 'node:sqlite';
import type { Delivery, EnqueueMessage } from '../../message.ts';
import { prepareFinishMessage } from './finish-message.ts';
import { SELECT_DELIVERIES, toDelivery } from './delivery-row.ts';
import { prepareUserRow } from './user-row.ts';

/** See `Store.enqueueMessage`. */
export function prepareEnqueueMessage(database: DatabaseSync): (message: EnqueueMessage) => readonly Delivery[] {
  const userRow = prepareUserRow(database);
  const finishMessage = prepareFinishMessage(database);
  const insertMessage = database.prepare(`
    INSERT INTO messages (id, user_id, content, state, created_at, expires_at) VALUES (?, ?, ?, 'sending', ?, ?)`);
  const insertDeliveries = database.prepare(`
    INSERT INTO deliveries (seq, device_id, binding, state, updated_at)
    SELECT :seq, id, binding, 'sending', :now FROM devices WHERE user_id = :user AND state = 'live'`);
  const select = database.prepare(`${SELECT_DELIVERIES} WHERE l.seq = ? ORDER BY l.device_id`);
  return ({ id, userId, content, now, expiresAt }) => {
    const user = userRow(userId, now);
    const seq = Number(insertMessage.run(id, user, content, now, expiresAt).lastInsertRowid);
    insertDeliveries.run({ seq, user, now });
    finishMessage(seq);
    return select.all(seq).map(toDelivery);
  };
}
