import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { saveDevices } from '../contract/broadcast.test-data.ts';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { devicesIn } from './devices-in.test-data.ts';
import { openInFolder } from './open-in-folder.test-data.ts';
import { sqlite } from './sqlite.ts';

// Somebody cuts off the end of the database file of a running store. Or a checkpoint makes it shorter, which is no fault.

let folder: string;
let path: string;
let store: Store;
let faults: StoreError[];
beforeEach(async () => {
  ({ folder, path, store, faults } = await openInFolder());
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const REPLACED = { code: 'store-replaced', message: expect.stringContaining('was cut off') };
const REFUSED = { code: 'store-failed', message: expect.stringContaining('was cut short') };
const PAGE_BYTES = 4096;

function byPerson(sql: string): void {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(sql);
  database.close();
}

const checkpoint = (mode: 'PASSIVE' | 'TRUNCATE'): void => byPerson(`PRAGMA wal_checkpoint(${mode})`);

describe.each([
  ['half of it is left', (bytes: number) => Math.floor(bytes / 2)],
  ['ten pages are missing', (bytes: number) => bytes - 10 * PAGE_BYTES],
  ['ten pages and a byte are missing', (bytes: number) => bytes - 10 * PAGE_BYTES - 1],
  ['a page is left', () => PAGE_BYTES],
  ['a hundred bytes are left', () => 100],
])('where the file is cut so that %s', (_what, left) => {
  test.each(['PASSIVE', 'TRUNCATE'] as const)('after a %s checkpoint, nothing more is acknowledged', async (mode) => {
    await saveDevices(store, 200);
    checkpoint(mode);
    truncateSync(path, left(statSync(path).size));
    const file = readFileSync(path);
    // A call that needs a page that is missing may say so first.
    await expect(store.saveDevice(aDevice())).rejects.toMatchObject({ name: 'StoreError' });
    await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
    await expect(store.saveDevice(aDevice())).rejects.toMatchObject(REPLACED);
    await store.close();
    expect(readFileSync(path).equals(file)).toBe(true);
  });
});

test('a store that nobody calls notices it by itself, and the next start refuses the file', async () => {
  await saveDevices(store, 200);
  checkpoint('PASSIVE');
  await saveDevices(store, 1);
  truncateSync(path, Math.floor(statSync(path).size / 2));
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
  await store.close();
  const files = [path, `${path}-wal`];
  const before = files.map((file) => readFileSync(file));
  await expect(sqlite(path)()).rejects.toMatchObject(REFUSED);
  expect(files.map((file, at) => readFileSync(file).equals(before[at] ?? Buffer.of()))).toEqual([true, true]);
});

test('a file that VACUUM and a checkpoint made shorter is no fault', async () => {
  await saveDevices(store, 20);
  const fill = 'CREATE TABLE big AS SELECT randomblob(3000000) AS content;';
  const empty = 'DROP TABLE big;';
  for (const change of [
    'VACUUM; PRAGMA wal_checkpoint(TRUNCATE)',
    'VACUUM; PRAGMA wal_checkpoint(PASSIVE)',
    'VACUUM; PRAGMA wal_checkpoint(RESTART)',
    'PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)',
    'PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)',
    // The next VACUUM is moved by the store itself.
    'VACUUM',
  ]) {
    byPerson(`${fill} PRAGMA wal_checkpoint(TRUNCATE)`);
    await saveDevices(store, 5);
    const { size } = statSync(path);
    byPerson(`${empty} ${change}`);
    await saveDevices(store, 5);
    expect(change === 'VACUUM' || statSync(path).size < size - 1_000_000).toBe(true);
    await saveDevices(store, 5);
  }
  await store.close();
  expect(faults).toEqual([]);
  expect(devicesIn(path)).toBe(20 + 6 * 15);
});

test('a file is no fault while the WAL has its newest pages, nor is a look at it', async () => {
  await saveDevices(store, 20);
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN; SELECT count(*) FROM devices');
  reader.prepare('SELECT count(*) FROM devices').get();
  for (let call = 0; call < 5; call++) {
    await saveDevices(store, 300);
    checkpoint('PASSIVE');
    execFileSync('touch', [path]);
  }
  reader.close();
  await saveDevices(store, 300);
  checkpoint('TRUNCATE');
  await saveDevices(store, 1);
  await store.close();
  expect(faults).toEqual([]);
  expect(devicesIn(path)).toBe(20 + 6 * 300 + 1);
});

test('a file that was cut while nothing had it open is refused before its WAL fills the gap', async () => {
  await saveDevices(store, 200);
  checkpoint('PASSIVE');
  await saveDevices(store, 200);
  const image = join(folder, 'image.db');
  execFileSync('cp', [path, image]);
  execFileSync('cp', [`${path}-wal`, `${image}-wal`]);
  truncateSync(image, Math.floor(statSync(image).size / 2));
  const before = [image, `${image}-wal`].map((file) => readFileSync(file));
  await expect(sqlite(image)()).rejects.toMatchObject(REFUSED);
  expect(readFileSync(image).equals(before[0] ?? Buffer.of())).toBe(true);
  expect(readFileSync(`${image}-wal`).equals(before[1] ?? Buffer.of())).toBe(true);
});
