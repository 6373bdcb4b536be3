import type { DatabaseSync } from 'node:sqlite';

/** See `Store.releaseLeases`. One process has the store, so whatever is leased is its own, or that of a dead one. */
export function prepareReleaseLeases(database: DatabaseSync): () => number {
  // The first condition on the state is that of the index.
  const releaseDeliveries = database.prepare(`
    UPDATE deliveries INDEXED BY deliveries_device SET state = 'retrying', run_at = 0
    WHERE state IN ('sending', 'retrying') AND state = 'sending'`);
  // Of a message that was being resumed when the process died, see `TakeDue`.
  const wake = database.prepare(`
    UPDATE deliveries INDEXED BY deliveries_due SET run_at = 0
    WHERE state = 'retrying' AND run_at IS NULL AND (SELECT state FROM messages WHERE seq = deliveries.seq) <> 'paused'`);
  const releaseChunks = database.prepare(`
    UPDATE chunks SET state = iif(
      (SELECT state FROM messages WHERE seq = chunks.seq) IN ('done', 'cancelled', 'expired'), 'done', 'pending')
    WHERE state = 'leased'`);
  return () => {
    wake.run();
    return Number(releaseDeliveries.run().changes) + Number(releaseChunks.run().changes);
  };
}
