import type { DatabaseSync } from 'node:sqlite';
import type { Receipt, SaveReceipts } from '../../receipt.ts';
import { receiptToken } from '../../receipt-token.ts';
import { blobOrNull, integer, text } from '../row.ts';

/** See `Store.saveReceipts`. */
export function prepareSaveReceipts(database: DatabaseSync): (request: SaveReceipts) => boolean {
  const find = database.prepare('SELECT id, binding FROM devices WHERE public_id = ? AND secret_hash = ?');
  const findMessage = database.prepare('SELECT seq, receipt_key FROM messages WHERE id = ?');
  const findDelivery = database.prepare('SELECT 1 FROM deliveries WHERE seq = ? AND device_id = ? AND binding = ?');
  const keep = database.prepare(`
    INSERT INTO receipts (seq, device_id, kind, action, at) VALUES (:seq, :deviceId, :kind, :action, min(:at, :now))
    ON CONFLICT DO NOTHING`);
  const endSilence = database.prepare(
    'UPDATE devices SET silent_since = NULL WHERE id = ? AND silent_since IS NOT NULL',
  );

  /** The message, where it was addressed to the device. */
  function addressedSeq(deviceId: number, { messageId, binding, token }: Receipt): number | undefined {
    const message = findMessage.get(messageId);
    if (message === undefined) return undefined;
    const seq = integer(message, 'seq');
    const receiptKey = blobOrNull(message, 'receipt_key');
    const isAddressed =
      token === null
        ? findDelivery.get(seq, deviceId, binding) !== undefined
        : receiptKey !== null && token === receiptToken(receiptKey, binding);
    return isAddressed ? seq : undefined;
  }

  return ({ publicId, secretHash, receipts, now }) => {
    const device = find.get(publicId, secretHash);
    if (device === undefined) return false;
    const deviceId = integer(device, 'id');
    const deviceBinding = text(device, 'binding');
    let isHeard = false;
    for (const receipt of receipts) {
      if (receipt.binding !== deviceBinding) continue;
      const seq = addressedSeq(deviceId, receipt);
      if (seq === undefined) continue;
      const { kind, action, at } = receipt;
      keep.run({ deviceId, seq, kind, action, at, now });
      isHeard = true;
    }
    if (isHeard) endSilence.run(deviceId);
    return true;
  };
}
