import type { DatabaseSync } from 'node:sqlite';

/** Marks a message done once no delivery of it is left. */
export function prepareFinishMessage(database: DatabaseSync): (seq: number) => void {
  const finish = database.prepare(`
    UPDATE messages SET state = 'done'
    WHERE seq = :seq AND state = 'sending'
      AND NOT EXISTS (SELECT 1 FROM deliveries WHERE seq = :seq AND state IN ('sending', 'retrying'))`);
  return (seq) => {
    finish.run({ seq });
  };
}
