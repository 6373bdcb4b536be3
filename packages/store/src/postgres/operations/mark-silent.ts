import type { Database, Transaction } from '../database.ts';

interface Accepted {
  readonly seq: number;
  readonly deviceId: number;
  readonly now: number;
}

/**
 * Keeps when devices began to be silent, as `Device.silentSince` has it. Their receipts may have come before the news that the push
 * service accepted the message. A device that is silent already is not written.
 */
export function prepareMarkSilent(
  database: Database,
): (transaction: Transaction, accepted: readonly Accepted[]) => Promise<void> {
  // Locks in the order of the ids, so that two processes do not wait for each other in a circle.
  const mark = database.prepare(`
    WITH silent AS (
      SELECT d.id, a.now
      FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) AS a (seq, device_id, now)
        JOIN belfry.messages m ON m.seq = a.seq AND m.devices IS NOT NULL
        JOIN belfry.devices d ON d.id = a.device_id AND d.silent_since IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM belfry.receipts r WHERE r.seq = a.seq AND r.device_id = a.device_id)
      ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE belfry.devices d SET silent_since = s.since
    FROM (SELECT id, min(now) AS since FROM silent GROUP BY id) AS s WHERE d.id = s.id`);
  return async ({ rows }, accepted) => {
    if (accepted.length === 0) return;
    await rows(
      mark,
      accepted.map(({ seq }) => seq),
      accepted.map(({ deviceId }) => deviceId),
      accepted.map(({ now }) => now),
    );
  };
}
