import { closeSync, copyFileSync, openSync, renameSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { broadcast, leaseOne, readPage, saveDevices } from '../contract/broadcast.test-data.ts';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { devicesIn } from './devices-in.test-data.ts';
import { openInFolder } from './open-in-folder.test-data.ts';
import { sqlite } from './sqlite.ts';

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

function overwrite(file: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(32));
  closeSync(descriptor);
}

interface Case {
  readonly name: string;
  change(): void;
  /** Where what was acknowledged before is; undefined where it is gone. */
  readonly keptIn?: () => string;
  /** Looked at between commits only, four times a second. */
  readonly isLate?: true;
}

const CASES: readonly Case[] = [
  {
    name: 'the file is replaced by a copy of itself',
    change() {
      copyFileSync(path, `${path}.copy`);
      renameSync(path, `${path}.moved`);
      renameSync(`${path}.copy`, path);
    },
    keptIn: () => `${path}.moved`,
  },
  { name: 'the file is moved away', change: () => renameSync(path, `${path}.moved`), keptIn: () => `${path}.moved` },
  { name: 'the file is deleted', change: () => rmSync(path) },
  { name: 'the file is truncated', change: () => truncateSync(path) },
  { name: 'its WAL is truncated', change: () => truncateSync(`${path}-wal`) },
  { name: 'the beginning of its WAL is overwritten', change: () => overwrite(`${path}-wal`) },
  { name: 'its WAL is deleted', change: () => rmSync(`${path}-wal`), keptIn: () => path },
  { name: 'its shared memory is deleted', change: () => rmSync(`${path}-shm`), isLate: true },
];

describe.each(CASES)('where $name', ({ change, keptIn, isLate }) => {
  test('no call is acknowledged any more, and a fault is told once', async () => {
    const before = await saveDevices(store, 20);
    await broadcast(store);
    const lease = await leaseOne(store);
    await readPage(store, lease);
    change();
    await vi.waitUntil(() => isLate !== true || faults.length > 0, { timeout: 60_000 });
    const refused = { code: 'store-replaced', message: expect.stringContaining(path) };
    await expect(store.saveDevice(aDevice())).rejects.toMatchObject(refused);
    await expect(store.devicesOfUser(aDevice().userId)).rejects.toMatchObject(refused);
    await expect.poll(() => faults.length, { timeout: 60_000 }).toBe(1);
    await expect(readPage(store, lease)).rejects.toMatchObject(refused);
    await store.close();
    expect(faults).toMatchObject([refused]);
    const kept = keptIn === undefined ? before.length : devicesIn(keptIn());
    expect(kept).toBeGreaterThanOrEqual(before.length);
  });
});

test('a store that nobody calls notices it by itself', async () => {
  await saveDevices(store, 20);
  renameSync(path, `${path}.moved`);
  await expect.poll(() => faults.map(({ code }) => code), { timeout: 60_000 }).toEqual(['store-replaced']);
});

test('a truncated WAL leaves the database as it was at the last checkpoint', async () => {
  await saveDevices(store, 20);
  checkpoint();
  await saveDevices(store, 20);
  truncateSync(`${path}-wal`);
  await expect(store.saveDevice(aDevice())).rejects.toMatchObject({ code: 'store-replaced' });
  await store.close();
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
  expect(devicesIn(path)).toBe(20);
});

test('a truncated database is not taken for a new store', async () => {
  await saveDevices(store, 20);
  truncateSync(path);
  await expect.poll(() => faults.length, { timeout: 60_000 }).toBe(1);
  await store.close();
  const opening = sqlite(path)();
  await expect(opening).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining('is empty') });
});

test('a WAL that a checkpoint emptied is no fault', async () => {
  await saveDevices(store, 20);
  checkpoint();
  expect(statSync(`${path}-wal`).size).toBe(0);
  expect(await store.devicesOfUser(aDevice().userId)).toHaveLength(20);
  await saveDevices(store, 20);
  await store.close();
  expect(faults).toEqual([]);
  expect(devicesIn(path)).toBe(40);
});

/** Moves all of the WAL into the database and empties the WAL, as a person may with sqlite3. */
function checkpoint(): void {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

test('a store that was replaced touches nothing of the one in its place', async () => {
  const other = join(folder, 'other.db');
  const second = await sqlite(other)();
  await saveDevices(second, 7);
  await second.close();
  await saveDevices(store, 20);
  renameSync(path, `${path}.moved`);
  // With the WAL of the moved file still there, whoever opens the new one makes its own.
  rmSync(`${path}-wal`);
  rmSync(`${path}-shm`);
  renameSync(other, path);
  const reader = new DatabaseSync(path);
  reader.exec("INSERT INTO users (external_id, created_at) VALUES ('grace', 0)");
  await expect(store.saveDevice(aDevice())).rejects.toMatchObject({ code: 'store-replaced' });
  await store.close();
  reader.close();
  expect(devicesIn(path)).toBe(7);
  expect(devicesIn(`${path}.moved`)).toBeGreaterThanOrEqual(20);
});
