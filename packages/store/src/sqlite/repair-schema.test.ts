import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { sqlite } from './sqlite.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/** The migrations as they were before they were edited. */
function historic(isWithIndex: boolean, isRenamed: boolean): string[] {
  const names = readdirSync(FOLDER).toSorted().slice(0, 4);
  const [initial = '', failures = '', fanOut = '', receipts = ''] = names.map((name) =>
    readFileSync(new URL(name, FOLDER), 'utf8'),
  );
  const openIndex = "CREATE INDEX deliveries_open ON deliveries (seq) WHERE state IN ('sending', 'retrying');\n";
  const rename = 'ALTER TABLE devices RENAME COLUMN key_mismatch_at TO refused_at;\n';
  expect(fanOut).toContain(openIndex);
  expect(receipts).toContain(rename);
  return [
    initial,
    failures,
    isWithIndex ? fanOut : fanOut.replace(openIndex, ''),
    isRenamed ? receipts : receipts.replace(rename, ''),
  ];
}

const rowsOf = (refusedAt: string) => `
  INSERT INTO users (id, external_id, created_at) VALUES (1, 'ada', ${NOW});
  INSERT INTO devices (id, public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key, created_at,
    updated_at, ${refusedAt})
  VALUES (7, 'device', 1, 'binding', 'https://push.example.net/1', 'https://push.example.net', zeroblob(65),
    zeroblob(16), 'key', ${NOW}, ${NOW}, ${NOW + 5});
  INSERT INTO messages (seq, id, audience, last_device_id, content, state, created_at, run_at, ttl_ms)
  VALUES (3, 'waiting', '{"kind":"all"}', 7, '{}', 'fanning-out', ${NOW}, ${NOW}, 500);
  INSERT INTO deliveries (seq, device_id, binding, state, attempts, run_at, expires_at, updated_at)
  VALUES (3, 7, 'binding', 'retrying', 2, ${NOW + 9}, ${NOW + 500}, ${NOW})`;

function schemaOf(path: string) {
  const database = new DatabaseSync(path);
  const schema = database
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY type, name")
    .all()
    .map((row) => ({ ...row }));
  const version = database.prepare('PRAGMA user_version').get();
  database.close();
  return [schema, { ...version }];
}

test.each([
  ['schema 3 without its index', 3, false, true],
  ['schema 4 with the old name of a column', 4, true, false],
  ['schema 4 with neither', 4, false, false],
  ['schema 4 without the index', 4, false, true],
  ['schema 3 as it is today', 3, true, true],
])(
  'a store of %s opens with its rows, and has the schema of a new one',
  async (_what, seen, isWithIndex, isRenamed) => {
    const folder = await mkdtemp(join(tmpdir(), 'belfry-repair-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [path, fresh] = [join(folder, 'old.db'), join(folder, 'new.db')];
    const database = new DatabaseSync(path);
    for (const sql of historic(isWithIndex, isRenamed).slice(0, seen)) database.exec(sql);
    database.exec(rowsOf(seen === 4 && isRenamed ? 'refused_at' : 'key_mismatch_at'));
    database.exec(`PRAGMA user_version = ${seen}`);
    database.close();

    for (let i = 0; i < 2; i++) {
      const store = await sqlite(path)();
      expect(await store.devicesOfUser(branded('ada'))).toMatchObject([{ publicId: 'device', refusedAt: NOW + 5 }]);
      expect(await store.messageStatus(branded('waiting'))).toMatchObject({ deliveries: { retrying: 1 } });
      await store.close();
    }
    await (await sqlite(fresh)()).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
  },
);
