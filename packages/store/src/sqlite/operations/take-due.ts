import type { DatabaseSync } from 'node:sqlite';
import type { Delivery } from '../../message.ts';
import { cappedExpirySql } from '../../expiry-sql.ts';
import { outdatedSql } from '../../outdated-sql.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { DELIVERY_DEVICE_COLUMNS, toDeliveryDevice } from './delivery-device-row.ts';
import { prepareFinishMessage } from './finish-message.ts';
import { MESSAGE_COLUMNS, toStoredMessage } from './message-row.ts';
import { prepareRestartDelays, TOLERANCE_MS } from './restart-delays.ts';

interface Request {
  readonly now: number;
  readonly limit: number;
}

interface Due {
  readonly deliveries: readonly Delivery[];
  readonly nextDueAt: number | null;
}

const EXPIRES_AT = cappedExpirySql({ messages: 'messages', row: 'l', now: ':now' }, TOLERANCE_MS);
const IS_OUTDATED = outdatedSql({ schema: '', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/**
 * See `Store.takeDue`. One process has the store, so its leases last until it ends them. What is due of a paused message loses its
 * `run_at`, and gets it back when the message is resumed. Left as it was, each call would read it again: 95 ms for 50,000.
 */
export function prepareTakeDue(database: DatabaseSync): (request: Request) => Due {
  const finishMessage = prepareFinishMessage(database);
  const restartDelays = prepareRestartDelays(database);
  const select = database.prepare(`
    SELECT ${DELIVERY_DEVICE_COLUMNS}, ${MESSAGE_COLUMNS},
      l.device_id AS target_id, l.attempts, ${EXPIRES_AT} AS ends_at, l.lease,
      d.id IS NOT NULL AND NOT (m.collapse_key IS NOT NULL AND ${IS_OUTDATED}) AS is_to_be_sent,
      m.state AS message_state
    FROM deliveries l INDEXED BY deliveries_due JOIN messages m ON m.seq = l.seq
      LEFT JOIN devices d ON d.id = l.device_id AND d.binding = l.binding AND d.state = 'live'
    WHERE l.state = 'retrying' AND l.run_at <= :now ORDER BY l.run_at LIMIT :limit`);
  const take = database.prepare(`
    UPDATE deliveries SET state = :state, run_at = NULL, lease = lease + 1, expires_at = :endsAt, updated_at = :now
    WHERE seq = :seq AND device_id = :deviceId`);
  const park = database.prepare('UPDATE deliveries SET run_at = NULL WHERE seq = :seq AND device_id = :deviceId');
  const next = database.prepare(`
    SELECT run_at FROM deliveries INDEXED BY deliveries_due
    WHERE state = 'retrying' AND run_at >= 0 ORDER BY run_at LIMIT 1`);
  return ({ now, limit }) => {
    const isMoreToRestart = restartDelays.deliveries(now, limit);
    const deliveries: Delivery[] = [];
    const dropped = new Set<number>();
    for (const row of select.all({ now, limit })) {
      const seq = integer(row, 'seq');
      const endsAt = integer(row, 'ends_at');
      const deviceId = integer(row, 'target_id');
      const messageState = text(row, 'message_state');
      if (messageState === 'paused') {
        park.run({ seq, deviceId });
        continue;
      }
      const isToBeSent = integer(row, 'is_to_be_sent') === 1 && messageState !== 'cancelled';
      const state = messageState === 'cancelled' ? 'cancelled' : isToBeSent ? 'sending' : 'dropped';
      take.run({ seq, deviceId, now, endsAt, state });
      if (!isToBeSent) {
        dropped.add(seq);
        continue;
      }
      deliveries.push({
        message: toStoredMessage(row),
        device: toDeliveryDevice(row),
        attempts: integer(row, 'attempts'),
        expiresAt: endsAt,
        lease: integer(row, 'lease') + 1,
      });
    }
    for (const seq of dropped) finishMessage(seq, now);
    if (isMoreToRestart) return { deliveries, nextDueAt: now };
    const first = next.get();
    return { deliveries, nextDueAt: first === undefined ? null : integerOrNull(first, 'run_at') };
  };
}
