import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from './connection.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'belfry-data-files-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function opened(path: string): Connection {
  const connection = new Connection(path);
  onTestFinished(() => connection.close());
  return connection;
}

function checkpoint(path: string, mode: 'PASSIVE' | 'TRUNCATE'): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA wal_checkpoint(${mode})`);
  database.close();
}

const save = (connection: Connection, token: string) =>
  connection.transaction(() => connection.statement('addReceiptSubscription').run({ token, now: 0 }));

test.each<[string, (path: string) => void]>([
  ['deleted', (path) => rmSync(path)],
  ['moved', (path) => renameSync(path, `${path}.old`)],
  [
    'replaced by a copy',
    (path) => {
      copyFileSync(path, `${path}.new`);
      renameSync(`${path}.new`, path);
    },
  ],
  ['truncated', (path) => truncateSync(path)],
  ['without its log', (path) => rmSync(`${path}-wal`)],
  ['without the content of its log', (path) => truncateSync(`${path}-wal`)],
  ['without the shared memory of its log', (path) => rmSync(`${path}-shm`)],
  ['without its owner file', (path) => rmSync(`${path}-owner`)],
])('nothing is kept in a database that was %s', (_what, change) => {
  const path = join(folder(), 'push-service.db');
  const connection = opened(path);
  save(connection, 'before');
  change(path);
  const replaced = { name: 'PushServiceError', code: 'data-folder-replaced' };
  expect(() => save(connection, 'after')).toThrow(expect.objectContaining(replaced));
  expect(() => connection.statement('addReceiptSubscription')).toThrow(expect.objectContaining(replaced));
});

test('a service whose log was truncated leaves a database behind that is not damaged', async () => {
  const path = join(folder(), 'push-service.db');
  const connection = new Connection(path);
  save(connection, 'moved');
  checkpoint(path, 'PASSIVE');
  save(connection, 'lost');
  // The commit writes behind the end that the log had, so that the beginning is zeros.
  const saveMeanwhile = (): void =>
    connection.transaction(() => {
      truncateSync(`${path}-wal`);
      connection.statement('addReceiptSubscription').run({ token: 'meanwhile', now: 0 });
    });
  expect(saveMeanwhile).toThrow(expect.objectContaining({ code: 'data-folder-replaced' }));
  await connection.close();
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(database.prepare('SELECT token FROM receipt_subscriptions').all()).toEqual([{ token: 'moved' }]);
  database.close();
});

test('a log that an operator’s checkpoint has emptied is whole', () => {
  const path = join(folder(), 'push-service.db');
  const connection = opened(path);
  save(connection, 'before');
  checkpoint(path, 'TRUNCATE');
  expect(statSync(`${path}-wal`).size).toBe(0);
  save(connection, 'after');
});

test('what was committed before its file was deleted, and flushed after, is not acknowledged', async () => {
  const path = join(folder(), 'push-service.db');
  const connection = opened(path);
  save(connection, 'before');
  await connection.synced();
  rmSync(path);
  await expect(connection.synced()).rejects.toMatchObject({ code: 'data-folder-replaced' });
});

test('a second service is refused by a symbolic link to the folder, and to the database', () => {
  const own = folder();
  const path = join(own, 'push-service.db');
  save(opened(path), 'before');
  const other = folder();
  symlinkSync(own, join(other, 'folder'));
  symlinkSync(path, join(other, 'push-service.db'));
  for (const link of [join(other, 'folder', 'push-service.db'), join(other, 'push-service.db'), path]) {
    expect(() => new Connection(link)).toThrow(expect.objectContaining({ code: 'data-folder-in-use' }));
  }
});

test('a database with two names is refused, and so is one that was emptied beside its log', async () => {
  const path = join(folder(), 'push-service.db');
  await new Connection(path).close();
  linkSync(path, `${path}.second`);
  const unusable = expect.objectContaining({ code: 'data-folder-unusable' });
  expect(() => new Connection(path)).toThrow(unusable);
  rmSync(`${path}.second`);
  writeFileSync(`${path}-wal`, 'the log of the database');
  truncateSync(path);
  expect(() => new Connection(path)).toThrow(unusable);
});

test('files with wider modes are the owner’s alone after the start', async () => {
  const path = join(folder(), 'push-service.db');
  await new Connection(path).close();
  for (const file of [path, `${path}-owner`]) chmodSync(file, 0o644);
  save(opened(path), 'before');
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-owner`])
    expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that is no database says so, and not that another service has it', () => {
  const path = join(folder(), 'push-service.db');
  writeFileSync(`${path}-owner`, 'no database at all, and long enough to be read as one'.repeat(20));
  expect(() => new Connection(path)).toThrow(expect.objectContaining({ code: 'data-folder-unusable' }));
});
