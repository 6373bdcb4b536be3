import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { storeContract } from '../store-contract.ts';
import { sqlite } from './sqlite.ts';

const WRITER = new URL('./sqlite-writer.test-data.ts', import.meta.url);

async function temporaryStore() {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-sqlite-'));
  const path = join(folder, 'belfry.db');
  return {
    path,
    open: sqlite(path),
    writer: { program: WRITER, args: [path] },
    remove: () => rm(folder, { recursive: true }),
  };
}

storeContract({ name: 'SQLite', sharesLeases: false, create: temporaryStore });

test('a store of a newer version is refused, and left as it is', async () => {
  const { path, open, remove } = await temporaryStore();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 999');
  await expect(open()).rejects.toMatchObject({ code: 'store-newer', message: expect.stringContaining('999') });
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 999 });
  database.close();
  await remove();
});

test('a file that is no database is refused with what SQLite says', async () => {
  const { path, open, remove } = await temporaryStore();
  await writeFile(path, 'not a database, but long enough to look like one');
  await expect(open()).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('not a database'),
  });
  await remove();
});

test('the file, which holds private keys, is for its owner alone', async () => {
  const { path, open, remove } = await temporaryStore();
  const store = await open();
  await store.saveDevice(aDevice());
  for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  await store.close();
  await remove();
});

test('a backup can be read beside a running store', async () => {
  const { path, open, remove } = await temporaryStore();
  const store = await open();
  await store.saveDevice(aDevice());
  const reader = new DatabaseSync(path, { readOnly: true });
  expect(reader.prepare('SELECT count(*) AS devices FROM devices').get()).toEqual({ devices: 1 });
  reader.close();
  await store.close();
  await remove();
});

test('a store whose schema was changed by hand is refused at its opening', async () => {
  const { path, open, remove } = await temporaryStore();
  await (await open()).close();
  const database = new DatabaseSync(path);
  database.exec('DROP TABLE chunks');
  database.close();
  await expect(open()).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining('chunks') });
  await remove();
});
