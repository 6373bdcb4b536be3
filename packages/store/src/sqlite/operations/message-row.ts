import { branded } from '@belfry/protocol';
import type { StoredMessage } from '../../message.ts';
import { blobOrNull, integer, type Row, text } from '../row.ts';

/** The columns that {@link toStoredMessage} reads, for `JOIN messages m`. */
export const MESSAGE_COLUMNS = 'm.seq, m.id AS message_id, m.content, m.receipt_key';

export function toStoredMessage(row: Row): StoredMessage {
  return {
    id: branded(text(row, 'message_id')),
    seq: branded(integer(row, 'seq')),
    content: text(row, 'content'),
    receiptKey: blobOrNull(row, 'receipt_key'),
  };
}
