import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OtherProcess, startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';

// The file of a running store is copied with `cp`, and put back after kill -9, beside the WAL of the same run.

const TIMEOUT_MS = 120_000;

let folder: string;
let path: string;
let copy: string;
let owner: OtherProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-copied-'));
  path = join(folder, 'belfry.db');
  copy = join(folder, 'copy.db');
  owner = startOther();
  await owner.ask('open', path);
});
afterEach(async () => {
  await owner.kill();
  await rm(folder, { recursive: true });
});

async function killAndPutBack(): Promise<void> {
  await owner.kill();
  copyFileSync(copy, path);
}

const contents = (): Buffer[] => [path, `${path}-wal`].map((file) => readFileSync(file));

const REFUSAL = { code: 'store-failed', message: expect.stringContaining('does not belong to') };

/** Which WAL it is: another number in each (sqlite.org/fileformat2.html#walformat). */
const saltOfWal = (): string => readFileSync(`${path}-wal`).toString('hex', 16, 24);

/** Saves devices until the WAL has begun anew. */
async function saveUntilNextWal(): Promise<void> {
  const salt = saltOfWal();
  while (saltOfWal() === salt) await owner.save(path, 100);
}

test('a copy from before the WAL began is refused, and nothing is changed', { timeout: TIMEOUT_MS }, async () => {
  await owner.save(path, 100);
  await saveUntilNextWal();
  copyFileSync(path, copy);
  for (let wal = 0; wal < 2; wal++) await saveUntilNextWal();
  await killAndPutBack();
  const before = contents();
  await expect(sqlite(path)()).rejects.toMatchObject(REFUSAL);
  expect(contents().map((content, at) => content.equals(before[at] ?? Buffer.of()))).toEqual([true, true]);
});

test('a copy from when the WAL had begun is as good as the file', { timeout: TIMEOUT_MS }, async () => {
  await owner.save(path, 100);
  await saveUntilNextWal();
  copyFileSync(path, copy);
  const salt = saltOfWal();
  const saved = await owner.save(path, 10);
  expect(saltOfWal()).toBe(salt);
  await killAndPutBack();
  owner = startOther();
  expect(await owner.ask('openSaying', path)).toBeNull();
  await owner.ask('close', path);
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const found = database.prepare(
    'SELECT count(*) AS n FROM devices WHERE public_id IN (SELECT value FROM json_each(?))',
  );
  expect(found.get(JSON.stringify(saved))).toEqual({ n: 10 });
  database.close();
});

test('a copy that has a part of the WAL before this one is refused', { timeout: TIMEOUT_MS }, async () => {
  await owner.save(path, 100);
  await saveUntilNextWal();
  await owner.save(path, 200);
  // What was written after this reader began cannot be moved into the file before it ends.
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN; SELECT count(*) FROM devices');
  reader.prepare('SELECT count(*) FROM devices').get();
  const other = new DatabaseSync(path, { readOnly: true });
  const generation = other.prepare('SELECT generation FROM owner');
  const before = generation.get()?.['generation'];
  const { mtimeMs } = statSync(path);
  while (statSync(path).mtimeMs === mtimeMs) await owner.save(path, 500);
  copyFileSync(path, copy);
  await expect.poll(() => generation.get()?.['generation'], { timeout: 60_000 }).not.toBe(before);
  other.close();
  reader.close();
  await saveUntilNextWal();
  await owner.save(path, 1);
  await killAndPutBack();
  await expect(sqlite(path)()).rejects.toMatchObject(REFUSAL);
});

test('the store that was killed opens whenever that was', { timeout: TIMEOUT_MS }, async () => {
  let devices = 0;
  for (let round = 0; round < 5; round++) {
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM devices').get();
    for (let call = 0; call <= round; call++) {
      devices += (await owner.save(path, 300)).length;
      // Half of the time a part of the WAL cannot be moved.
      if (call === round / 2) reader.exec('COMMIT');
    }
    await owner.kill();
    reader.close();
    owner = startOther();
    expect(await owner.ask('openSaying', path)).toBeNull();
  }
  await owner.ask('close', path);
  const database = new DatabaseSync(path);
  expect(database.prepare('SELECT count(*) AS n FROM devices').get()).toEqual({ n: devices });
  database.close();
});
