import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { Connection } from './connection.ts';

// What kill -9 leaves behind is the database and its log as they are at that moment. A copy of both is what a start would find.

let folder: string;
let path: string;
let copied: string;
let connection: Connection;
let saved: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-foreign-log-'));
  path = join(folder, 'push-service.db');
  copied = join(folder, 'copied.db');
  connection = new Connection(path);
  saved = 0;
  onTestFinished(async () => {
    await connection.close();
    rmSync(folder, { recursive: true });
  });
  save(3);
});

function save(count: number): void {
  for (let n = 0; n < count; n++) {
    const token = `receipts-${saved++}`;
    connection.transaction(() => connection.statement('addReceiptSubscription').run({ token, now: 0 }));
  }
}

function byPerson(...statements: readonly string[]): void {
  const database = new DatabaseSync(path, { timeout: 1000 });
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Moves the log into the file, so that the next commit begins another one. */
const checkpoint = (): void => byPerson('PRAGMA wal_checkpoint(PASSIVE)');

/** What a start finds after a crash at this moment, with this file in the place of the database. */
function crashImage(file: string): string {
  const image = join(folder, 'image.db');
  for (const end of ['', '-wal', '-shm', '-owner']) rmSync(`${image}${end}`, { force: true });
  copyFileSync(file, image);
  copyFileSync(`${path}-wal`, `${image}-wal`);
  return image;
}

/** How many of the saved rows a start has after a crash at this moment. */
async function savedAfterCrash(): Promise<unknown> {
  const image = crashImage(path);
  await new Connection(image).close();
  const database = new DatabaseSync(image);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const row = database.prepare('SELECT count(*) AS saved FROM receipt_subscriptions').get();
  database.close();
  return row?.['saved'];
}

test.each<[string, () => Promise<void>]>([
  [
    'a backup',
    async () => {
      const source = new DatabaseSync(path, { readOnly: true });
      await backup(source, copied);
      source.close();
    },
  ],
  ['a backup made by VACUUM INTO', async () => byPerson(`VACUUM INTO '${copied}'`)],
  [
    'a copy from before the log began',
    async () => {
      copyFileSync(path, copied);
      checkpoint();
      save(1);
      checkpoint();
      save(1);
    },
  ],
])('%s is refused beside the log of a service that was killed', async (_what, copy) => {
  checkpoint();
  save(1);
  await copy();
  save(2);
  const image = crashImage(copied);
  const contents = () => [image, `${image}-wal`].map((file) => readFileSync(file));
  const before = contents();
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(() => new Connection(image)).toThrow(
      expect.objectContaining({
        code: 'data-folder-unusable',
        message: expect.stringMatching(/log .* does not belong to .* copy both files .* before .* remove the log/v),
      }),
    );
  }
  expect(contents()).toEqual(before);
  // Whoever wants the backup's state removes the log.
  rmSync(`${image}-wal`);
  rmSync(`${image}-shm`, { force: true });
  await new Connection(image).close();
});

test('the file of another service is refused beside the log', async () => {
  const other = join(folder, 'other.db');
  await new Connection(other).close();
  checkpoint();
  save(1);
  const image = crashImage(other);
  expect(() => new Connection(image)).toThrow(expect.objectContaining({ code: 'data-folder-unusable' }));
});

test('no crash leaves a pair of files behind that is refused', async () => {
  expect(await savedAfterCrash()).toBe(saved);
  for (const statement of [
    'CREATE INDEX one ON messages (urgency)',
    'PRAGMA wal_checkpoint(PASSIVE)',
    'CREATE INDEX two ON messages (urgency); PRAGMA wal_checkpoint(PASSIVE)',
    'VACUUM',
    'PRAGMA wal_checkpoint(TRUNCATE); CREATE INDEX three ON messages (urgency)',
  ]) {
    byPerson(statement);
    expect(await savedAfterCrash()).toBe(saved);
    save(1);
    expect(await savedAfterCrash()).toBe(saved);
    checkpoint();
    expect(await savedAfterCrash()).toBe(saved);
    save(1);
    expect(await savedAfterCrash()).toBe(saved);
  }
});

test('neither does a crash after a start that could not move the log, since somebody read it', async () => {
  checkpoint();
  save(1);
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM messages').get();
  save(1);
  await connection.close();
  connection = new Connection(path);
  save(1);
  expect(await savedAfterCrash()).toBe(saved);
  reader.close();
  checkpoint();
  expect(await savedAfterCrash()).toBe(saved);
  save(1);
  expect(await savedAfterCrash()).toBe(saved);
});
