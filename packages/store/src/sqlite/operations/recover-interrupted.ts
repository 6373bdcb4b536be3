import type { DatabaseSync } from 'node:sqlite';

/** See `Store.recoverInterrupted`. */
export function prepareRecoverInterrupted(database: DatabaseSync): () => number {
  const recover = database.prepare("UPDATE deliveries SET state = 'retrying', run_at = 0 WHERE state = 'sending'");
  return () => Number(recover.run().changes);
}
