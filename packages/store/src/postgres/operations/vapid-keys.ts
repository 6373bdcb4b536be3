import { branded, type VapidKeys, type VapidPublicKey } from '@belfry/protocol';
import type { Database } from '../database.ts';
import { type Row, text } from '../row.ts';

const NEWEST_FIRST = 'SELECT public_key, private_key FROM belfry.vapid_keys ORDER BY id DESC';

/** See `Store.vapidKeys`. */
export function prepareVapidKeys(database: Database): () => Promise<readonly VapidKeys[]> {
  const select = database.prepare(NEWEST_FIRST);
  return async () => (await database.read(select)).map(toVapidKeys);
}

/** See `Store.ensureVapidKeys`. */
export function prepareEnsureVapidKeys(
  database: Database,
): (request: { candidate: VapidKeys; now: number }) => Promise<VapidKeys> {
  const newest = database.prepare(`${NEWEST_FIRST} LIMIT 1`);
  // Of processes that start together, one makes the first pair.
  const lock = database.prepare('LOCK TABLE belfry.vapid_keys IN SHARE ROW EXCLUSIVE MODE');
  const insert = prepareInsert(database);
  return ({ candidate, now }) =>
    database.transaction(async ({ rows }) => {
      await rows(lock);
      const [row] = await rows(newest);
      if (row !== undefined) return toVapidKeys(row);
      await rows(insert, candidate.publicKey, candidate.privateKey, now);
      return candidate;
    });
}

/** See `Store.addVapidKeys`. */
export function prepareAddVapidKeys(database: Database): (request: { keys: VapidKeys; now: number }) => Promise<void> {
  const insert = prepareInsert(database);
  return async ({ keys, now }) => {
    await database.transaction(({ rows }) => rows(insert, keys.publicKey, keys.privateKey, now));
  };
}

function prepareInsert(database: Database) {
  return database.prepare(`
    INSERT INTO belfry.vapid_keys (public_key, private_key, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`);
}

/** See `Store.vapidKeysInUse`. */
export function prepareVapidKeysInUse(database: Database): () => Promise<readonly VapidPublicKey[]> {
  const select = database.prepare("SELECT DISTINCT vapid_public_key FROM belfry.devices WHERE state = 'live'");
  return async () => (await database.read(select)).map(([key]) => branded(text(key)));
}

function toVapidKeys([publicKey, privateKey]: Row): VapidKeys {
  return { publicKey: branded(text(publicKey)), privateKey: branded(text(privateKey)) };
}
