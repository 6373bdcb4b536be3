import type { DatabaseSync } from 'node:sqlite';

interface Accepted {
  readonly seq: number;
  readonly deviceId: number;
  readonly now: number;
}

/**
 * Keeps when a device began to be silent, as `Device.silentSince` has it. Its receipt may have come before the news that the push
 * service accepted the message. A device that is silent already is not written.
 */
export function prepareMarkSilent(database: DatabaseSync): (accepted: Accepted) => void {
  const mark = database.prepare(`
    UPDATE devices SET silent_since = :now
    WHERE id = :deviceId AND silent_since IS NULL
      AND (SELECT devices FROM messages WHERE seq = :seq) IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM receipts WHERE seq = :seq AND device_id = :deviceId)`);
  return ({ seq, deviceId, now }) => {
    mark.run({ seq, deviceId, now });
  };
}
