import { branded } from '@belfry/protocol';
import type { Delivery } from '../../message.ts';
import { integer, type Row, text } from '../row.ts';
import { DEVICE_COLUMNS, toDevice } from './device-row.ts';

/** Deliveries with their message and device, as {@link toDelivery} reads them; a `WHERE` follows. */
export const SELECT_DELIVERIES: string = `
  SELECT ${DEVICE_COLUMNS}, m.seq, m.id AS message_id, m.content, m.created_at, m.expires_at, l.attempts
  FROM deliveries l JOIN messages m ON m.seq = l.seq
    JOIN devices d ON d.id = l.device_id JOIN users u ON u.id = d.user_id`;

export function toDelivery(row: Row): Delivery {
  return {
    message: {
      id: branded(text(row, 'message_id')),
      seq: branded(integer(row, 'seq')),
      content: text(row, 'content'),
      createdAt: integer(row, 'created_at'),
      expiresAt: integer(row, 'expires_at'),
    },
    device: toDevice(row),
    attempts: integer(row, 'attempts'),
  };
}
