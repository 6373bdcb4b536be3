import type { DatabaseSync } from 'node:sqlite';
import { branded, type VapidKeys, type VapidPublicKey } from '@belfry/protocol';
import { type Row, text } from '../row.ts';

/** See `Store.vapidKeys`. */
export function prepareVapidKeys(database: DatabaseSync): () => readonly VapidKeys[] {
  const select = database.prepare('SELECT public_key, private_key FROM vapid_keys ORDER BY id DESC');
  return () => select.all().map(toVapidKeys);
}

/** See `Store.ensureVapidKeys`. */
export function prepareEnsureVapidKeys(
  database: DatabaseSync,
): (request: { candidate: VapidKeys; now: number }) => VapidKeys {
  const vapidKeys = prepareVapidKeys(database);
  const insert = database.prepare('INSERT INTO vapid_keys (public_key, private_key, created_at) VALUES (?, ?, ?)');
  return ({ candidate, now }) => {
    const [newest] = vapidKeys();
    if (newest !== undefined) return newest;
    insert.run(candidate.publicKey, candidate.privateKey, now);
    return candidate;
  };
}

/** See `Store.addVapidKeys`. */
export function prepareAddVapidKeys(database: DatabaseSync): (request: { keys: VapidKeys; now: number }) => void {
  const insert = database.prepare(`
    INSERT INTO vapid_keys (public_key, private_key, created_at) VALUES (?, ?, ?) ON CONFLICT (public_key) DO NOTHING`);
  return ({ keys, now }) => {
    insert.run(keys.publicKey, keys.privateKey, now);
  };
}

/** See `Store.vapidKeysInUse`. */
export function prepareVapidKeysInUse(database: DatabaseSync): () => readonly VapidPublicKey[] {
  const select = database.prepare("SELECT DISTINCT vapid_public_key FROM devices WHERE state = 'live'");
  return () => select.all().map((row) => branded(text(row, 'vapid_public_key')));
}

function toVapidKeys(row: Row): VapidKeys {
  return { publicKey: branded(text(row, 'public_key')), privateKey: branded(text(row, 'private_key')) };
}
