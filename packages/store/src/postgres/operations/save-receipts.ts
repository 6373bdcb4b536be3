import type { SaveReceipts } from '../../receipt.ts';
import { RECEIPT_TOKEN_LENGTH } from '../../receipt-token.ts';
import type { Database } from '../database.ts';
import type { DeviceQueue } from '../device-queue.ts';
import { isUnretired } from './retired-secrets.ts';

/** `receiptToken` in SQL, for `own` and `m`: null for a message without a key, which no token equals. */
const RECEIPT_TOKEN = `left(
  translate(encode(sha256(m.receipt_key || convert_to(own.binding, 'UTF8')), 'base64'), '+/', '-_'), ${RECEIPT_TOKEN_LENGTH})`;

/**
 * See `Store.saveReceipts`. Those of one device run one after the other: two with the same receipt wait for each other's
 * transaction, and for one that changes the device.
 */
export function prepareSaveReceipts(
  database: Database,
  queue: DeviceQueue,
): (request: SaveReceipts) => Promise<boolean> {
  // One statement, one round trip. In an order that all calls have, so that two never wait for each other in a circle, and of two
  // of a kind the first is kept.
  const saveAll = database.prepareWrite(`
    WITH device AS (
      SELECT id, binding, silent_since FROM belfry.devices WHERE public_id = $1 AND secret_hash = $2
        AND ${isUnretired('$2')} AND ${database.durably}
    ), own AS (
      SELECT r.*, device.id AS device_id
      FROM device, unnest($3::TEXT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::BIGINT[], $8::TEXT[]) WITH ORDINALITY
        AS r (message_id, binding, kind, action, at, token, place)
      WHERE r.binding = device.binding
    ), addressed AS (
      SELECT m.seq, own.* FROM own JOIN belfry.messages m ON m.id = own.message_id
      WHERE CASE WHEN own.token IS NULL
        THEN EXISTS (
          SELECT 1 FROM belfry.deliveries l
          WHERE l.seq = m.seq AND l.device_id = own.device_id AND l.binding = own.binding)
        ELSE own.token = ${RECEIPT_TOKEN} END
    ), kept AS (
      INSERT INTO belfry.receipts (seq, device_id, kind, action, at)
      SELECT seq, device_id, kind, action, least(at, $9::BIGINT) FROM addressed ORDER BY seq, kind, place
      ON CONFLICT DO NOTHING
    ), heard AS (
      UPDATE belfry.devices d SET silent_since = NULL FROM device
      WHERE d.id = device.id AND device.silent_since IS NOT NULL AND EXISTS (SELECT 1 FROM addressed)
    )
    SELECT 1 FROM device`);
  return async ({ publicId, secretHash, receipts, now }) => {
    const columns = [
      receipts.map(({ messageId }) => messageId),
      receipts.map(({ binding }) => binding),
      receipts.map(({ kind }) => kind),
      receipts.map(({ action }) => action),
      receipts.map(({ at }) => at),
      receipts.map(({ token }) => token),
    ];
    const save = () => database.write(saveAll, publicId, secretHash, ...columns, now);
    return (await queue(`receipts:${publicId}`, save)).length > 0;
  };
}
