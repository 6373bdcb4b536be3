import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Connection } from './connection.ts';

// Somebody writes over the files of a running service without replacing them, so that path and inode stay the same.

let folder: string;
let path: string;
let connection: Connection;
let saved: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-overwritten-'));
  path = join(folder, 'push-service.db');
  connection = new Connection(path);
  saved = 0;
  onTestFinished(async () => {
    await connection.close();
    rmSync(folder, { recursive: true });
  });
});

const REPLACED = expect.objectContaining({ code: 'data-folder-replaced' });
const UNUSABLE = expect.objectContaining({ code: 'data-folder-unusable' });

function save(count: number): void {
  for (let n = 0; n < count; n++) {
    const token = `receipts-${saved}`;
    connection.transaction(() => connection.statement('addReceiptSubscription').run({ token, now: 0 }));
    saved++;
  }
}

function byPerson(sql: string): void {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(sql);
  database.close();
}

function savedIn(file: string): number {
  const database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const row = database.prepare('SELECT count(*) AS saved FROM receipt_subscriptions').get();
  database.close();
  return Number(row?.['saved']);
}

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

async function anotherService(): Promise<string> {
  const file = join(folder, 'other.db');
  await new Connection(file).close();
  return file;
}

function something(content: string): Promise<string> {
  const file = join(folder, 'something');
  writeFileSync(file, content);
  return Promise.resolve(file);
}

/** A copy of the file from before the present log began. */
function plainCopy(): Promise<string> {
  const copy = join(folder, 'copy.db');
  copyFileSync(path, copy);
  for (let log = 0; log < 2; log++) {
    byPerson('PRAGMA wal_checkpoint(PASSIVE)');
    save(1);
  }
  return Promise.resolve(copy);
}

describe.each([
  ['a backup', backUp],
  ['the database of another service', anotherService],
  ['something else', () => something('no database at all'.repeat(10_000))],
  ['zeros', () => something('\0'.repeat(100_000))],
  ['an earlier copy', plainCopy],
])('where %s is written over the file', (_what, make) => {
  test.each([
    ['copied', copyOver],
    ['written in place', writeInPlace],
  ])('%s, the next commit is refused, and the file and its log stay as they are', async (_how, write) => {
    save(20);
    const other = await make();
    byPerson('PRAGMA wal_checkpoint(PASSIVE)');
    save(20);
    write(other);
    expect(() => save(1)).toThrow(REPLACED);
    const log = readFileSync(`${path}-wal`);
    expect(() => connection.statement('isKnown')).toThrow(REPLACED);
    await expect(connection.synced()).rejects.toEqual(REPLACED);
    await connection.close();
    const written = readFileSync(other);
    expect(readFileSync(path).subarray(0, written.length).equals(written)).toBe(true);
    expect(readFileSync(`${path}-wal`).equals(log)).toBe(true);
    expect(() => new Connection(path)).toThrow(UNUSABLE);
  });
});

test('nothing is acknowledged after a backup was written over the file and the whole log is in it', async () => {
  save(20);
  const copy = await backUp();
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  writeInPlace(copy);
  const before = saved;
  expect(() => save(2000)).toThrow(REPLACED);
  expect(saved).toBe(before);
});

test('a service that is closed at once does not move its log into the other file', async () => {
  save(20);
  const copy = await backUp();
  save(20);
  writeInPlace(copy);
  await connection.close();
  expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
});

test('a file that is overwritten during a commit is noticed after it', async () => {
  save(20);
  const copy = await backUp();
  const saveMeanwhile = (): void =>
    connection.transaction(() => {
      connection.statement('addReceiptSubscription').run({ token: 'meanwhile', now: 0 });
      writeInPlace(copy);
    });
  expect(saveMeanwhile).toThrow(REPLACED);
  await connection.close();
  expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
});

test.each([
  ['half of it is left', (bytes: number) => Math.floor(bytes / 2)],
  ['a byte is missing', (bytes: number) => bytes - 1],
])('a log that is cut so that %s is no longer written to', async (_what, left) => {
  save(20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  save(20);
  truncateSync(`${path}-wal`, left(statSync(`${path}-wal`).size));
  expect(() => save(1)).toThrow(REPLACED);
  await connection.close();
  const kept = savedIn(path);
  expect(kept).toBeGreaterThan(20);
  expect(kept).toBeLessThan(40);
});

test('a log that is cut during a commit, which writes behind the cut, is noticed after it', async () => {
  save(20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  save(20);
  const saveMeanwhile = (): void =>
    connection.transaction(() => {
      truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
      connection.statement('addReceiptSubscription').run({ token: 'meanwhile', now: 0 });
    });
  expect(saveMeanwhile).toThrow(REPLACED);
  await connection.close();
  expect(savedIn(path)).toBeLessThan(40);
});

test('a log that is cut where the database has more already does not bring older pages back', async () => {
  save(20);
  byPerson('PRAGMA wal_checkpoint(TRUNCATE)');
  save(20);
  byPerson('PRAGMA wal_checkpoint(PASSIVE)');
  truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
  expect(() => save(1)).toThrow(REPLACED);
  await connection.close();
  expect(savedIn(path)).toBe(40);
});

test('what a person may do beside a running service is no fault, nor is a restart after kill -9', async () => {
  const reader = new DatabaseSync(path, { readOnly: true });
  for (const change of [
    () => byPerson('CREATE INDEX IF NOT EXISTS mine ON messages (urgency)'),
    () => byPerson('CREATE INDEX IF NOT EXISTS second ON messages (urgency); PRAGMA wal_checkpoint(PASSIVE)'),
    () => byPerson('VACUUM'),
    () => byPerson('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
    () => byPerson('PRAGMA wal_checkpoint(RESTART)'),
    () => byPerson('PRAGMA journal_size_limit = 0; DROP INDEX IF EXISTS second; PRAGMA wal_checkpoint(FULL)'),
    () => byPerson('PRAGMA optimize; ANALYZE; REINDEX'),
    () => byPerson('SELECT count(*) FROM messages'),
    () => reader.exec('BEGIN; SELECT count(*) FROM messages'),
    () => byPerson('CREATE INDEX third ON messages (urgency); PRAGMA wal_checkpoint(PASSIVE)'),
    () => reader.exec('COMMIT'),
    () => byPerson('DROP INDEX third'),
    () => execFileSync('touch', [path, `${path}-wal`]),
    () => execFileSync('chmod', ['640', path]),
    backUp,
  ]) {
    save(3);
    await Promise.resolve(change());
    save(3);
    const image = crashImage();
    const restarted = new Connection(image);
    restarted.transaction(() => restarted.statement('isKnown').get({ uaid: 'nobody' }));
    await restarted.close();
    expect(savedIn(image)).toBe(saved);
  }
  reader.close();
  await connection.close();
  expect(savedIn(path)).toBe(saved);
});

/** What kill -9 at this moment leaves behind. */
function crashImage(): string {
  const image = join(folder, 'image.db');
  for (const end of ['-wal', '-shm', '-owner']) rmSync(`${image}${end}`, { force: true });
  copyFileSync(path, image);
  copyFileSync(`${path}-wal`, `${image}-wal`);
  return image;
}

test.each([
  ['half of it is left', (bytes: number) => Math.floor(bytes / 2)],
  ['ten pages are missing', (bytes: number) => bytes - 10 * 4096],
  ['ten pages and a byte are missing', (bytes: number) => bytes - 10 * 4096 - 1],
  ['a page is left', () => 4096],
])('a file that is cut so that %s is no longer written to', async (_what, left) => {
  save(2000);
  byPerson('PRAGMA wal_checkpoint(PASSIVE)');
  save(1);
  truncateSync(path, left(statSync(path).size));
  const [file, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
  expect(() => save(1)).toThrow(REPLACED);
  await connection.close();
  expect(readFileSync(path).equals(file)).toBe(true);
  expect(readFileSync(`${path}-wal`).equals(log)).toBe(true);
  expect(() => new Connection(path)).toThrow(UNUSABLE);
});

test('a file that VACUUM and a checkpoint made shorter is no fault', async () => {
  for (const mode of ['TRUNCATE', 'PASSIVE', 'RESTART']) {
    byPerson('CREATE TABLE big AS SELECT randomblob(3000000) AS content; PRAGMA wal_checkpoint(TRUNCATE)');
    save(3);
    const { size } = statSync(path);
    byPerson(`DROP TABLE big; VACUUM; PRAGMA wal_checkpoint(${mode})`);
    save(3);
    expect(statSync(path).size).toBeLessThan(size - 1_000_000);
  }
  await connection.close();
  expect(savedIn(path)).toBe(saved);
});

test('a long log is moved into the database, also after somebody who read it has gone', () => {
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN; SELECT count(*) FROM messages');
  save(1000);
  const long = statSync(`${path}-wal`).size;
  expect(long).toBeGreaterThan(5_000_000);
  reader.close();
  save(3000);
  expect(statSync(`${path}-wal`).size).toBeLessThan(long + 100_000);
});
