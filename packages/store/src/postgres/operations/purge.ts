import { IDEMPOTENCY_MS } from '../../message.ts';
import type { Purge } from '../../store.ts';
import type { Database, WriteStatement } from '../database.ts';
import { NO_EARLIER_THAN_TRUSTED } from './check-date.ts';
import { preparePurgeTopics } from './purge-topics.ts';
import { IS_CARRIED_BY_NONE } from './retired-secrets.ts';

/**
 * See `Store.purge`. Ledgers and receipts go row by row before their message, so that many take several calls; each statement is a
 * transaction of its own, and passes over what another process is deleting.
 */
export function preparePurge(database: Database): (purge: Purge) => Promise<number> {
  const purgeTopics = preparePurgeTopics(database);
  const ended =
    'SELECT seq FROM belfry.messages WHERE ended_at < (SELECT belfry.clock_ms()) - $1::BIGINT ORDER BY ended_at LIMIT $2';
  const ledgers = database.prepareWrite(`
    DELETE FROM belfry.deliveries l USING (
      SELECT l.seq, l.device_id FROM (${ended}) AS m CROSS JOIN LATERAL (
        SELECT seq, device_id FROM belfry.deliveries WHERE seq = m.seq LIMIT $2 FOR UPDATE SKIP LOCKED
      ) AS l LIMIT $2
    ) AS old
    WHERE l.seq = old.seq AND l.device_id = old.device_id AND ${database.durably} RETURNING 1`);
  const receipts = database.prepareWrite(`
    DELETE FROM belfry.receipts r USING (
      SELECT r.seq, r.device_id, r.kind FROM (${ended}) AS m CROSS JOIN LATERAL (
        SELECT seq, device_id, kind FROM belfry.receipts WHERE seq = m.seq LIMIT $2 FOR UPDATE SKIP LOCKED
      ) AS r LIMIT $2
    ) AS old
    WHERE r.seq = old.seq AND r.device_id = old.device_id AND r.kind = old.kind AND ${database.durably} RETURNING 1`);
  const chunks = database.prepareWrite(`
    DELETE FROM belfry.chunks WHERE id IN (
      SELECT c.id FROM (${ended}) AS m CROSS JOIN LATERAL (
        SELECT id FROM belfry.chunks WHERE seq = m.seq LIMIT $2 FOR UPDATE SKIP LOCKED
      ) AS c LIMIT $2
    ) AND ${database.durably} RETURNING 1`);
  const messages = database.prepareWrite(`
    DELETE FROM belfry.messages WHERE seq IN (
      SELECT m.seq FROM belfry.messages m WHERE m.ended_at < (SELECT belfry.clock_ms()) - $1::BIGINT
        AND NOT EXISTS (SELECT 1 FROM belfry.deliveries l WHERE l.seq = m.seq)
        AND NOT EXISTS (SELECT 1 FROM belfry.receipts r WHERE r.seq = m.seq)
        AND NOT EXISTS (SELECT 1 FROM belfry.chunks c WHERE c.seq = m.seq)
      ORDER BY m.ended_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AND ${database.durably} RETURNING 1`);
  // The browser may come back with its secret, under another user.
  const devices = database.prepareWrite(`
    WITH old AS (
      DELETE FROM belfry.devices WHERE id IN (
        SELECT id FROM belfry.devices WHERE state = 'gone' AND gone_at < (SELECT belfry.clock_ms()) - $1::BIGINT
        ORDER BY gone_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ) AND ${database.durably} RETURNING id, user_id, secret_hash
    ), retired AS (
      INSERT INTO belfry.retired_secrets (secret_hash, user_id, retired_at)
      SELECT old.secret_hash, min(old.user_id), ${NO_EARLIER_THAN_TRUSTED} FROM old WHERE old.secret_hash IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM belfry.devices o WHERE o.secret_hash = old.secret_hash AND o.id <> old.id)
      GROUP BY 1 ORDER BY 1 ON CONFLICT DO NOTHING
    ) SELECT 1 FROM old`);
  const secrets = database.prepareWrite(`
    DELETE FROM belfry.retired_secrets WHERE secret_hash IN (
      SELECT secret_hash FROM belfry.retired_secrets WHERE retired_at < (SELECT belfry.clock_ms()) - $1::BIGINT
        AND ${IS_CARRIED_BY_NONE}
      ORDER BY retired_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AND ${database.durably} RETURNING 1`);
  const keys = database.prepareWrite(`
    DELETE FROM belfry.idempotency_keys WHERE key IN (
      SELECT key FROM belfry.idempotency_keys WHERE created_at < (SELECT belfry.clock_ms()) - $1::BIGINT
      ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AND ${database.durably} RETURNING 1`);

  return async ({ keepEndedMs, keepGoneMs, limit }) => {
    let left = limit;
    const steps: readonly (readonly [WriteStatement, number])[] = [
      [ledgers, keepEndedMs],
      [receipts, keepEndedMs],
      [chunks, keepEndedMs],
      [messages, keepEndedMs],
      [secrets, keepGoneMs],
      [devices, keepGoneMs],
      [keys, IDEMPOTENCY_MS],
    ];
    for (const [statement, keepMs] of steps) {
      if (left > 0) left -= (await database.write(statement, keepMs, left)).length;
    }
    if (left === 0) return limit;
    const { deleted, isThrough } = await purgeTopics(left);
    return isThrough ? limit - left + deleted : limit;
  };
}
