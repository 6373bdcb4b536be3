import type { DatabaseSync } from 'node:sqlite';
import type { SaveReceipts } from '../../receipt.ts';
import { integer, text } from '../row.ts';

/** See `Store.saveReceipts`. */
export function prepareSaveReceipts(database: DatabaseSync): (request: SaveReceipts) => boolean {
  const find = database.prepare('SELECT id, binding FROM devices WHERE public_id = ? AND secret_hash = ?');
  const keep = database.prepare(`
    INSERT INTO receipts (seq, device_id, kind, action, at)
    SELECT seq, :deviceId, :kind, :action, min(:at, :now) FROM messages WHERE id = :messageId
    ON CONFLICT DO NOTHING`);
  const endSilence = database.prepare(
    'UPDATE devices SET silent_since = NULL WHERE id = ? AND silent_since IS NOT NULL',
  );
  return ({ publicId, secretHash, receipts, now }) => {
    const device = find.get(publicId, secretHash);
    if (device === undefined) return false;
    const deviceId = integer(device, 'id');
    const own = receipts.filter(({ binding }) => binding === text(device, 'binding'));
    for (const { messageId, kind, action, at } of own) keep.run({ deviceId, messageId, kind, action, at, now });
    if (own.length > 0) endSilence.run(deviceId);
    return true;
  };
}
