import type { SaveReceipts } from '../../receipt.ts';
import type { Database } from '../database.ts';

/** See `Store.saveReceipts`. */
export function prepareSaveReceipts(database: Database): (request: SaveReceipts) => Promise<boolean> {
  // One statement, one round trip. In an order that all calls have, so that two never wait for each other in a circle, and of two
  // of a kind the first is kept.
  const save = database.prepareWrite(`
    WITH device AS (
      SELECT id, binding, silent_since FROM belfry.devices WHERE public_id = $1 AND secret_hash = $2 AND ${database.durably}
    ), own AS (
      SELECT r.*, device.id AS device_id
      FROM device, unnest($3::TEXT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::BIGINT[]) WITH ORDINALITY
        AS r (message_id, binding, kind, action, at, place)
      WHERE r.binding = device.binding
    ), kept AS (
      INSERT INTO belfry.receipts (seq, device_id, kind, action, at)
      SELECT m.seq, own.device_id, own.kind, own.action, least(own.at, $8::BIGINT)
      FROM own JOIN belfry.messages m ON m.id = own.message_id
      ORDER BY m.seq, own.kind, own.place
      ON CONFLICT DO NOTHING
    ), heard AS (
      UPDATE belfry.devices d SET silent_since = NULL FROM device
      WHERE d.id = device.id AND device.silent_since IS NOT NULL AND EXISTS (SELECT 1 FROM own)
    )
    SELECT 1 FROM device`);
  return async ({ publicId, secretHash, receipts, now }) => {
    const columns = [
      receipts.map(({ messageId }) => messageId),
      receipts.map(({ binding }) => binding),
      receipts.map(({ kind }) => kind),
      receipts.map(({ action }) => action),
      receipts.map(({ at }) => at),
    ];
    return (await database.write(save, publicId, secretHash, ...columns, now)).length > 0;
  };
}
