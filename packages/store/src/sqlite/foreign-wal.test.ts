import { copyFileSync, cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSnapshot } from '../copy/snapshot.ts';
import { devicesIn } from './devices-in.test-data.ts';
import { type OtherProcess, startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';

// A backup that is put in the place of the file of a store that was killed, beside the WAL of that file.

const TIMEOUT_MS = 120_000;

let folder: string;
let path: string;
let owner: OtherProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-restored-'));
  path = join(folder, 'belfry.db');
  owner = startOther();
  await owner.ask('open', path);
});
afterEach(async () => {
  await owner.kill();
  await rm(folder, { recursive: true });
});

/** Ends the process and starts another one, on the same store. */
async function restart(): Promise<void> {
  await owner.kill();
  owner = startOther();
  expect(await owner.ask('openSaying', path)).toBeNull();
}

interface Case {
  readonly name: string;
  /** Makes `backup.db`, with 20 devices. */
  backUp(): Promise<void>;
  /** How many devices are saved after that, in calls of 500. */
  readonly calls: number;
  restore(backup: string): void;
}

const copyOver = (backup: string): void => copyFileSync(backup, path);
const backUp = async (): Promise<void> => {
  await owner.ask('backup', path);
  renameSync(`${path}.backup`, join(folder, 'backup.db'));
};

const CASES: readonly Case[] = [
  { name: 'is copied over it', backUp, calls: 1, restore: copyOver },
  { name: 'is moved to its place', backUp, calls: 1, restore: (backup) => renameSync(backup, path) },
  { name: 'is older than the WAL, which was begun anew', backUp, calls: 20, restore: copyOver },
  {
    name: 'was made by VACUUM INTO',
    async backUp() {
      const database = new DatabaseSync(path);
      database.exec(`VACUUM INTO '${join(folder, 'backup.db')}'`);
      database.close();
    },
    calls: 1,
    restore: copyOver,
  },
  {
    name: 'is a copy of the file from when the store was closed',
    async backUp() {
      await owner.ask('close', path);
      copyFileSync(path, join(folder, 'backup.db'));
      await restart();
    },
    calls: 20,
    restore: copyOver,
  },
];

describe.each(CASES)('where a backup $name', ({ backUp: make, calls, restore }) => {
  test('the store is refused and left as it is, and opens once the WAL is removed', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await owner.save(path, 20);
    await make();
    for (let call = 0; call < calls; call++) await owner.save(path, 500);
    await owner.kill();
    restore(join(folder, 'backup.db'));
    const files = [path, `${path}-wal`];
    const before = files.map((file) => readFileSync(file));
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(sqlite(path)()).rejects.toMatchObject({
        code: 'store-failed',
        message: expect.stringMatching(/log .* does not belong to .* copy both files .* before .* remove the log/v),
      });
    }
    expect(() => openSnapshot(path)).toThrow('does not belong to');
    expect(files.map((file, at) => readFileSync(file).equals(before[at] ?? Buffer.of()))).toEqual([true, true]);
    rmSync(`${path}-wal`);
    rmSync(`${path}-shm`);
    await restart();
    await owner.save(path, 3);
    await restart();
    await owner.ask('close', path);
    expect(devicesIn(path)).toBe(23);
  });
});

test('a store that was restored knows the next backup too', { timeout: TIMEOUT_MS }, async () => {
  await owner.save(path, 20);
  await backUp();
  await owner.ask('close', path);
  copyFileSync(join(folder, 'backup.db'), path);
  await restart();
  await owner.save(path, 3);
  await owner.kill();
  copyFileSync(join(folder, 'backup.db'), path);
  await expect(sqlite(path)()).rejects.toMatchObject({ message: expect.stringContaining('does not belong to') });
});

test.each([1, 20])(
  'a folder that is copied after kill -9 is a store, and the folder is too',
  { timeout: TIMEOUT_MS },
  async (calls) => {
    for (let call = 0; call < calls; call++) await owner.save(path, 500);
    await owner.kill();
    const copy = await mkdtemp(join(tmpdir(), 'belfry-copied-'));
    cpSync(folder, copy, { recursive: true });
    await restart();
    await owner.ask('close', path);
    expect(devicesIn(path)).toBe(calls * 500);
    path = join(copy, 'belfry.db');
    await restart();
    await owner.ask('close', path);
    expect(devicesIn(path)).toBe(calls * 500);
    await rm(copy, { recursive: true });
  },
);

test('a person may change the schema of a running store', { timeout: TIMEOUT_MS }, async () => {
  await owner.save(path, 20);
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('CREATE INDEX mine ON devices (created_at)');
  const stamped = database.prepare('SELECT stamp FROM owner');
  const before = stamped.get()?.['stamp'];
  await expect.poll(() => stamped.get()?.['stamp'] ?? before, { timeout: 60_000 }).not.toBe(before);
  database.close();
  await owner.save(path, 20);
  await restart();
  await owner.ask('close', path);
  expect(devicesIn(path)).toBe(40);
});
