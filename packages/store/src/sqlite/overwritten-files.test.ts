import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { saveDevices } from '../contract/broadcast.test-data.ts';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { devicesIn } from './devices-in.test-data.ts';
import { openInFolder } from './open-in-folder.test-data.ts';
import { sqlite } from './sqlite.ts';

// Somebody writes over the files of a running store without replacing them, so that path and inode stay the same.

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

const REPLACED = { code: 'store-replaced' };
const copyOver = (file: string): void => void execFileSync('cp', [file, path]);
/** As `rsync --inplace` does: the file is never shorter in between. */
const writeInPlace = (file: string): void =>
  void execFileSync('dd', [`if=${file}`, `of=${path}`, 'conv=notrunc', 'bs=64k'], { stdio: 'ignore' });

async function backUp(): Promise<string> {
  const copy = join(folder, 'backup.db');
  const source = new DatabaseSync(path, { readOnly: true });
  await backup(source, copy);
  source.close();
  return copy;
}

function byPerson(sql: string): void {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(sql);
  database.close();
}

async function anotherStore(): Promise<string> {
  const file = join(folder, 'other.db');
  const other = await sqlite(file)();
  await saveDevices(other, 20);
  await other.close();
  return file;
}

function garbage(): Promise<string> {
  const file = join(folder, 'garbage');
  writeFileSync(file, 'no database at all'.repeat(10_000));
  return Promise.resolve(file);
}

/** A copy of the file from before the present WAL began. */
async function plainCopy(): Promise<string> {
  const copy = join(folder, 'copy.db');
  execFileSync('cp', [path, copy]);
  for (let wal = 0; wal < 2; wal++) {
    byPerson('PRAGMA wal_checkpoint(PASSIVE)');
    await store.saveDevice(aDevice());
  }
  return copy;
}

describe.each([
  ['a backup', backUp],
  ['another store', anotherStore],
  ['something else', garbage],
  ['an earlier copy', plainCopy],
])('where %s is written over the file', (_what, make) => {
  test.each([
    ['copied', copyOver],
    ['written in place', writeInPlace],
  ])('%s, the next call is refused, and the file and its WAL stay as they are', async (_how, write) => {
    await saveDevices(store, 20);
    const other = await make();
    byPerson('PRAGMA wal_checkpoint(PASSIVE)');
    await saveDevices(store, 20);
    write(other);
    await expect(store.saveDevice(aDevice())).rejects.toMatchObject(REPLACED);
    const wal = readFileSync(`${path}-wal`);
    await expect(store.devicesOfUser(aDevice().userId)).rejects.toMatchObject(REPLACED);
    await store.close();
    expect(faults).toMatchObject([REPLACED]);
    const written = readFileSync(other);
    expect(readFileSync(path).subarray(0, written.length).equals(written)).toBe(true);
    expect(readFileSync(`${path}-wal`).equals(wal)).toBe(true);
    await expect(sqlite(path)()).rejects.toMatchObject({ code: 'store-failed' });
  });
});

test('a store that nobody calls notices it by itself, also where the whole WAL is in the file', async () => {
  await saveDevices(store, 20);
  const copy = await backUp();
  await saveDevices(store, 20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  writeInPlace(copy);
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
  await store.close();
  expect(devicesIn(path)).toBe(20);
});

test.each([
  'UPDATE devices SET created_at = created_at',
  'UPDATE devices SET created_at = created_at; PRAGMA wal_checkpoint(PASSIVE)',
  'UPDATE devices SET created_at = created_at; PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA wal_checkpoint(TRUNCATE)',
])('an earlier copy is noticed where nobody calls, also right after somebody else did: %s', async (sql) => {
  await saveDevices(store, 20);
  const copy = await plainCopy();
  byPerson('PRAGMA wal_checkpoint(PASSIVE)');
  byPerson(sql);
  copyOver(copy);
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
  await store.close();
  expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
});

test('a store that was started beside a reader knows its file, and the next start does', async () => {
  await saveDevices(store, 20);
  const copy = await backUp();
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM devices').get();
  await store.close();
  store = await sqlite(path)({ onFault: (fault) => faults.push(fault) });
  await saveDevices(store, 20);
  execFileSync('touch', [path]);
  // No fault yet.
  await saveDevices(store, 20);
  writeInPlace(copy);
  await expect(store.saveDevice(aDevice())).rejects.toMatchObject(REPLACED);
  await store.close();
  reader.close();
  expect(faults).toMatchObject([REPLACED]);
  await expect(sqlite(path)()).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('does not belong to'),
  });
});

test('an application id that somebody sets by hand is no fault, also where that begins the WAL', async () => {
  await saveDevices(store, 20);
  for (const id of [1_000_000, 1, 500]) {
    byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
    byPerson(`PRAGMA application_id = ${id}`);
    await saveDevices(store, 1);
    for (let call = 0; call < 2; call++) {
      execFileSync('touch', [path]);
      await saveDevices(store, 1);
    }
    const image = join(folder, `image-${id}.db`);
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${image}${end}`);
    await (await sqlite(image)()).close();
    expect(devicesIn(image)).toBeGreaterThan(20);
  }
  await store.close();
  expect(faults).toEqual([]);
});

test('a store that is closed at once does not move its WAL into the other file', async () => {
  await saveDevices(store, 20);
  const copy = await backUp();
  await saveDevices(store, 20);
  writeInPlace(copy);
  await store.close();
  expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
});

test.each([
  ['half of it is left', (bytes: number) => Math.floor(bytes / 2)],
  ['a byte is missing', (bytes: number) => bytes - 1],
])('a WAL that is cut so that %s is no longer written to', async (_what, left) => {
  await saveDevices(store, 20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  for (let call = 0; call < 20; call++) await saveDevices(store, 1);
  truncateSync(`${path}-wal`, left(statSync(`${path}-wal`).size));
  await expect(store.saveDevice(aDevice())).rejects.toMatchObject(REPLACED);
  await store.close();
  expect(faults).toMatchObject([REPLACED]);
  const kept = devicesIn(path);
  expect(kept).toBeGreaterThan(20);
  expect(kept).toBeLessThan(40);
});

test('a WAL that is cut where the database has more already does not bring older pages back', async () => {
  await saveDevices(store, 20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  for (let call = 0; call < 20; call++) await saveDevices(store, 1);
  byPerson('PRAGMA wal_checkpoint(PASSIVE)');
  truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
  await store.close();
  expect(devicesIn(path)).toBe(40);
});

test.each([
  ['the same WAL', 'PRAGMA user_version'],
  ['an earlier WAL', 'PRAGMA wal_checkpoint(PASSIVE)'],
])('the shared memory of %s, from before, is noticed before anything is lost', async (_which, meanwhile) => {
  await saveDevices(store, 20);
  const copy = join(folder, 'copy.shm');
  execFileSync('cp', [`${path}-shm`, copy]);
  byPerson(meanwhile);
  await saveDevices(store, 3);
  execFileSync('dd', [`if=${copy}`, `of=${path}-shm`, 'conv=notrunc'], { stdio: 'ignore' });
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([REPLACED]);
  await store.close();
  expect(devicesIn(path)).toBe(23);
});

test('what a person may do beside a running store is no fault', async () => {
  let devices = 0;
  const save = async (): Promise<void> => void (devices += (await saveDevices(store, 5)).length);
  for (const change of [
    () => byPerson('CREATE INDEX IF NOT EXISTS mine ON devices (created_at)'),
    () => byPerson('CREATE INDEX IF NOT EXISTS second ON devices (created_at); PRAGMA wal_checkpoint(PASSIVE)'),
    () => byPerson('VACUUM'),
    () => byPerson('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
    () => byPerson('PRAGMA wal_checkpoint(RESTART)'),
    () => byPerson('PRAGMA journal_size_limit = 0; DROP INDEX IF EXISTS second; PRAGMA wal_checkpoint(FULL)'),
    () => byPerson('PRAGMA application_id = 7; PRAGMA wal_checkpoint(PASSIVE)'),
    () => byPerson('PRAGMA user_version = 0; PRAGMA optimize; ANALYZE; REINDEX'),
    () => execFileSync('touch', [path, `${path}-wal`]),
    () => execFileSync('chmod', ['640', path]),
    backUp,
  ]) {
    await save();
    await Promise.resolve(change());
    await save();
    byPerson('DROP INDEX IF EXISTS mine; DROP INDEX IF EXISTS second; PRAGMA wal_checkpoint(PASSIVE)');
  }
  await store.close();
  expect(faults).toEqual([]);
  copyFileSync(path, join(folder, 'end.db'));
  expect(devicesIn(path)).toBe(devices);
});
