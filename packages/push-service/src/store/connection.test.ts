import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from './connection.ts';

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-connection-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'push-service.db');
}

test('what is to happen after a transaction happens once it is committed, and may begin another', async () => {
  const connection = new Connection(':memory:');
  const seen: string[] = [];
  connection.transaction(() => {
    connection.afterCommit(() => connection.transaction(() => seen.push('after')));
    seen.push('within');
  });
  connection.afterCommit(() => seen.push('without one'));
  expect(seen).toEqual(['within', 'after', 'without one']);
  await connection.close();
});

test('after a transaction that failed nothing happens, and the next one is not disturbed', async () => {
  const connection = new Connection(':memory:');
  const seen: string[] = [];
  const failing = () =>
    connection.transaction(() => {
      connection.afterCommit(() => seen.push('never'));
      throw new Error('the first error');
    });
  expect(failing).toThrow('the first error');
  connection.transaction(() => seen.push('next'));
  expect(seen).toEqual(['next']);
  await connection.close();
});

test('an error after which SQLite has rolled back by itself is the one that is thrown', async () => {
  const connection = new Connection(':memory:');
  const failing = () =>
    connection.transaction(() => {
      connection.statement('rollback').run();
      throw new Error('database or disk is full');
    });
  expect(failing).toThrow('database or disk is full');
  await connection.close();
});

test('a log that cannot be flushed fails that once, and the database is closed all the same', async () => {
  const path = temporaryPath();
  const connection = new Connection(path);
  // Somebody deletes it before the first flush.
  rmSync(`${path}-wal`);
  await expect(connection.synced()).rejects.toThrow('ENOENT');
  await connection.close();
  const next = new Connection(path);
  next.transaction(() => next.statement('addReceiptSubscription').run({ token: 'r', now: 0 }));
  await next.synced();
  await next.close();
});
