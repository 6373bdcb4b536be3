import { linkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OtherProcess, startOther } from './other-process.test-data.ts';

// Each process that owns or looks is a real one: locks on files belong to processes.

const TIMEOUT_MS = 120_000;

let folder: string;
let path: string;
let processes: OtherProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-ownership-'));
  path = join(folder, 'belfry.db');
});
afterEach(async () => {
  await Promise.all(processes.map((one) => one.kill()));
  processes = [];
  await rm(folder, { recursive: true });
});

function start(): OtherProcess {
  const other = startOther();
  processes.push(other);
  return other;
}

async function startOwner(): Promise<OtherProcess> {
  const owner = start();
  expect(await owner.ask('open', path)).toBeNull();
  return owner;
}

/** Those of the devices that the file does not have. */
function missing(ids: readonly string[]): string[] {
  const database = new DatabaseSync(path);
  const kept = new Set(
    database
      .prepare('SELECT public_id FROM devices')
      .all()
      .map((row) => row['public_id']),
  );
  database.close();
  return ids.filter((id) => !kept.has(id));
}

describe('a second open in the same process', () => {
  test.each([
    ['kill -9', 'openAgain', (owner: OtherProcess) => owner.kill()],
    ['an orderly close', 'openAgain', (owner: OtherProcess) => owner.ask('close', path)],
    ['kill -9, by a worker thread', 'openInThread', (owner: OtherProcess) => owner.kill()],
  ])('is refused, and what is saved while others look is there after %s', { timeout: TIMEOUT_MS }, async (...args) => {
    const [, again, end] = args;
    const owner = await startOwner();
    const looking = start();
    const saved = [...(await owner.save(path, 40))];
    expect(await looking.ask('look', path)).toBe(40);
    expect(await owner.ask(again, path)).toBe('store-in-use');
    // Where the owner's lock was lost, sqlite3 removes the WAL when it closes, and what is saved after that is lost.
    expect(await looking.ask('look', path)).toBe(40);
    saved.push(...(await owner.save(path, 40)));
    expect(await looking.ask('isUnlocked', path)).toBe(false);
    expect(await looking.ask('backup', path)).toBe(80);
    saved.push(...(await owner.save(path, 19)));
    await end(owner);
    expect(missing(saved)).toEqual([]);
    expect(saved).toHaveLength(99);
  });
});

describe('a second process', () => {
  test('is refused through a symbolic link, and through one of its folder', { timeout: TIMEOUT_MS }, async () => {
    const owner = await startOwner();
    const link = join(folder, 'link.db');
    symlinkSync(path, link);
    const linkedFolder = join(folder, 'linked');
    symlinkSync(folder, linkedFolder);
    const second = start();
    expect(await second.ask('open', link)).toBe('store-in-use');
    expect(await second.ask('open', join(linkedFolder, 'belfry.db'))).toBe('store-in-use');
    expect(missing(await owner.save(path, 9))).toEqual([]);
  });

  test('may make a store behind a symbolic link that leads nowhere yet', { timeout: TIMEOUT_MS }, async () => {
    const link = join(folder, 'link.db');
    symlinkSync('belfry.db', link);
    const owner = start();
    expect(await owner.ask('open', link)).toBeNull();
    expect(await start().ask('open', path)).toBe('store-in-use');
  });

  test('is refused through a hard link, whose WAL would be another', { timeout: TIMEOUT_MS }, async () => {
    const owner = await startOwner();
    linkSync(path, join(folder, 'link.db'));
    expect(await start().ask('open', join(folder, 'link.db'))).toBe('store-failed');
    expect(missing(await owner.save(path, 9))).toEqual([]);
  });

  test('is refused after the owner file was removed, and the owner locks it anew', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const owner = await startOwner();
    rmSync(`${path}-owner`);
    const second = start();
    expect(await second.ask('open', path)).toBe('store-in-use');
    expect(missing(await owner.save(path, 9))).toEqual([]);
    // The second one made an owner file and left it. The owner has it within a second.
    await expect.poll(() => isLocked(`${path}-owner`), { timeout: 30_000 }).toBe(true);
    await owner.ask('close', path);
    expect(await second.ask('open', path)).toBeNull();
  });

  test('that takes over from one that does not answer leaves it nothing to store', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const owner = await startOwner();
    const saved = await owner.save(path, 9);
    rmSync(`${path}-owner`);
    owner.signal('SIGSTOP');
    const second = await startOwner();
    owner.signal('SIGCONT');
    expect(await owner.ask('save', path, 9)).toBe('store-replaced');
    const savedLater = await second.save(path, 9);
    await second.kill();
    expect(missing([...saved, ...savedLater])).toEqual([]);
  });

  test('starts at once after kill -9, also while somebody reads', { timeout: TIMEOUT_MS }, async () => {
    const owner = await startOwner();
    const saved = await owner.save(path, 9);
    const reader = start();
    await reader.ask('read', path);
    await reader.ask('read', `${path}-owner`);
    await owner.kill();
    const second = await startOwner();
    expect(missing([...saved, ...(await second.save(path, 9))])).toEqual([]);
  });
});

test('a lock that the own process dropped comes back', { timeout: TIMEOUT_MS }, async () => {
  const owner = await startOwner();
  expect(isLocked(`${path}-owner`)).toBe(true);
  await owner.ask('readFile', `${path}-owner`);
  await expect.poll(() => isLocked(`${path}-owner`), { timeout: 30_000 }).toBe(true);
  expect(await start().ask('open', path)).toBe('store-in-use');
  expect(missing(await owner.save(path, 9))).toEqual([]);
});

test('a foreign lock to read, of the store or its owner file, prevents no start', { timeout: TIMEOUT_MS }, async () => {
  const first = await startOwner();
  await first.ask('close', path);
  const reader = start();
  await reader.ask('read', path);
  const ownerReader = start();
  await ownerReader.ask('read', `${path}-owner`);
  const second = await startOwner();
  expect(await second.save(path, 9)).toHaveLength(9);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

function isLocked(file: string): boolean {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}
