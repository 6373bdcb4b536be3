import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { IDEMPOTENCY_MS } from '../../message.ts';
import type { Purge } from '../../store.ts';
import { integer } from '../row.ts';
import { preparePurgeTopics } from './purge-topics.ts';

/** See `Store.purge`. Ledgers and receipts go row by row before their message, so that many take several calls. */
export function preparePurge(database: DatabaseSync): (purge: Purge) => number {
  const purgeTopics = preparePurgeTopics(database);
  const endedMessages = database.prepare('SELECT seq FROM messages WHERE ended_at < ? ORDER BY ended_at LIMIT ?');
  const ofMessage = [
    database.prepare(`
      DELETE FROM deliveries WHERE seq = :seq
        AND device_id IN (SELECT device_id FROM deliveries WHERE seq = :seq LIMIT :left)`),
    database.prepare(`
      DELETE FROM receipts WHERE seq = :seq
        AND (device_id, kind) IN (SELECT device_id, kind FROM receipts WHERE seq = :seq LIMIT :left)`),
    database.prepare('DELETE FROM chunks WHERE id IN (SELECT id FROM chunks WHERE seq = :seq LIMIT :left)'),
    database.prepare('DELETE FROM messages WHERE seq IN (SELECT seq FROM messages WHERE seq = :seq LIMIT :left)'),
  ];
  const goneLongAgo =
    "SELECT id FROM devices WHERE state = 'gone' AND gone_at < :goneBefore ORDER BY gone_at LIMIT :left";
  // The browser may come back with its secret, under another user.
  const retireSecrets = database.prepare(`
    INSERT OR REPLACE INTO retired_secrets (secret_hash, retired_at, user_id)
    SELECT secret_hash, :now, user_id FROM devices d WHERE d.id IN (${goneLongAgo}) AND secret_hash IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM devices o WHERE o.secret_hash = d.secret_hash AND o.id <> d.id)`);
  const devices = database.prepare(`DELETE FROM devices WHERE id IN (${goneLongAgo})`);
  const secrets = database.prepare(`
    DELETE FROM retired_secrets WHERE secret_hash IN (
      SELECT secret_hash FROM retired_secrets WHERE retired_at < :goneBefore ORDER BY retired_at LIMIT :left)`);
  const keys = database.prepare(`
    DELETE FROM idempotency_keys WHERE key IN (
      SELECT key FROM idempotency_keys WHERE created_at < :madeBefore ORDER BY created_at LIMIT :left)`);

  return ({ steadyNow, keepEndedMs, keepGoneMs, limit }) => {
    let left = limit;
    function remove(statement: StatementSync, values: Readonly<Record<string, number>>): void {
      if (left > 0) left -= Number(statement.run({ ...values, left }).changes);
    }
    for (const row of endedMessages.all(steadyNow - keepEndedMs, limit)) {
      for (const statement of ofMessage) remove(statement, { seq: integer(row, 'seq') });
      if (left === 0) break;
    }
    const goneBefore = steadyNow - keepGoneMs;
    remove(secrets, { goneBefore });
    if (left > 0) retireSecrets.run({ goneBefore, left, now: steadyNow });
    remove(devices, { goneBefore });
    remove(keys, { madeBefore: steadyNow - IDEMPOTENCY_MS });
    if (left === 0) return limit;
    const { deleted, isThrough } = purgeTopics(left);
    return isThrough ? limit - left + deleted : limit;
  };
}
