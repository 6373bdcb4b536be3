import type { Database } from '../database.ts';

/** See `Store.releaseLeases`. What a late result or page says of these is not counted any more. */
export function prepareReleaseLeases(database: Database): () => Promise<number> {
  // Ordered, as everybody locks them: message, chunk, delivery.
  const releaseChunks = database.prepare(`
    UPDATE belfry.chunks c SET leased_by = NULL, leased_until = NULL,
      state = CASE WHEN m.state IN ('done', 'cancelled', 'expired') THEN 'done' ELSE 'pending' END
    FROM belfry.messages m WHERE m.seq = c.seq AND c.state = 'leased' AND c.leased_by = $1 RETURNING 1`);
  const releaseDeliveries = database.prepare(`
    UPDATE belfry.deliveries SET state = 'retrying', run_at = 0, leased_by = NULL
    WHERE state = 'sending' AND leased_by = $1 RETURNING 1`);
  return () =>
    database.transaction(async ({ rows }) => {
      const chunks = await rows(releaseChunks, database.storeId);
      const deliveries = await rows(releaseDeliveries, database.storeId);
      return chunks.length + deliveries.length;
    });
}
