import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { MINUTE_MS } from '../a-message.test-data.ts';
import { sqlite } from './sqlite.ts';

const MIGRATIONS = ['0001-initial.sql', '0002-device-failures.sql'].map((name) =>
  readFileSync(new URL(`./migrations/${name}`, import.meta.url), 'utf8'),
);

/** A device with one message that is done, one that was being sent, and one that waits for another attempt. */
const DATA = `
  INSERT INTO users (id, external_id, created_at) VALUES (1, 'ada', ${NOW});
  INSERT INTO devices (id, public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key, created_at,
    updated_at)
  VALUES (7, 'device', 1, 'binding', 'https://push.example.net/1', 'https://push.example.net', zeroblob(65),
    zeroblob(16), 'key', ${NOW}, ${NOW});
  INSERT INTO messages (seq, id, user_id, content, state, created_at, expires_at) VALUES
    (1, 'done', 1, '{}', 'done', ${NOW}, ${NOW + 500}),
    (2, 'interrupted', 1, '{"a":1}', 'sending', ${NOW}, ${NOW + 500}),
    (3, 'waiting', 1, '{}', 'sending', ${NOW}, ${NOW + 500});
  INSERT INTO deliveries (seq, device_id, binding, state, attempts, run_at, updated_at) VALUES
    (1, 7, 'binding', 'accepted', 1, NULL, ${NOW}),
    (2, 7, 'binding', 'sending', 1, NULL, ${NOW}),
    (3, 7, 'binding', 'retrying', 2, ${NOW + 9}, ${NOW})`;

test('a store of schema 2 keeps its ledger, and what was on its way arrives', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-migrate-'));
  const path = join(folder, 'belfry.db');
  const database = new DatabaseSync(path);
  for (const sql of [...MIGRATIONS, DATA, 'PRAGMA user_version = 2']) database.exec(sql);
  database.close();

  const store = await sqlite(path)();
  const statusOf = async (id: string) => {
    const status = await store.messageStatus(branded(id));
    return [status?.state, status?.deliveries];
  };
  expect(await statusOf('done')).toEqual(['done', { accepted: 1 }]);
  expect(await statusOf('interrupted')).toEqual(['fanning-out', { sending: 1 }]);
  expect(await store.releaseLeases()).toBe(1);
  const { deliveries } = await store.takeDue({ now: NOW + 9, limit: 9, leaseMs: MINUTE_MS });
  expect(deliveries).toMatchObject([
    { message: { id: 'interrupted', seq: 2, content: '{"a":1}' }, attempts: 1, expiresAt: NOW + 500, lease: 1 },
    { message: { id: 'waiting', seq: 3 }, attempts: 2, device: { id: 7, binding: 'binding', isFailing: false } },
  ]);
  await store.recordResults(
    deliveries.map(({ message, device, lease }) => ({
      seq: message.seq,
      deviceId: device.id,
      now: NOW,
      lease,
      state: 'accepted',
    })),
  );
  for (const id of ['interrupted', 'waiting']) expect(await statusOf(id)).toEqual(['done', { accepted: 1 }]);
  expect(await store.purge({ steadyNow: NOW + 1000, keepEndedMs: 0, keepGoneMs: NOW, limit: 99 })).toBe(6);
  await store.close();
  await rm(folder, { recursive: true });
});
