import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OtherProcess, startOther } from './other-process.test-data.ts';

// A person changes the schema beside a running server, as with CREATE INDEX, and the server is killed.

const TIMEOUT_MS = 120_000;

let folder: string;
let path: string;
let owner: OtherProcess;
let person: DatabaseSync;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-schema-'));
  path = join(folder, 'belfry.db');
  owner = startOther();
  await owner.ask('open', path);
  person = new DatabaseSync(path, { timeout: 5000 });
});
afterEach(async () => {
  if (person.isOpen) person.close();
  await owner.kill();
  await rm(folder, { recursive: true });
});

const stamp = (): unknown => person.prepare('SELECT stamp FROM owner').get()?.['stamp'];

/** Changes the schema, and waits until the server has stamped the file anew: the next stamp is 5 s away then. */
async function changeAndWait(): Promise<void> {
  const before = stamp();
  person.exec('CREATE INDEX first ON devices (created_at)');
  await expect.poll(() => stamp() ?? before, { timeout: 60_000 }).not.toBe(before);
}

test.each([
  ['the first change', async () => {}, async () => {}],
  ['a change soon after another', changeAndWait, async () => {}],
  ['a change soon after another, and more was saved', changeAndWait, async () => void (await owner.save(path, 5))],
])(
  'the store opens with all that was saved, where it was killed after %s',
  { timeout: TIMEOUT_MS },
  async (...args) => {
    const [, earlier, later] = args;
    const saved = [...(await owner.save(path, 50))];
    await earlier();
    saved.push(...(await owner.save(path, 50)));
    person.exec('CREATE INDEX second ON devices (created_at); PRAGMA wal_checkpoint(PASSIVE)');
    await later();
    // The last one to close the file after the crash would move the WAL into it.
    person.close();
    await owner.kill();
    owner = startOther();
    expect(await owner.ask('openSaying', path)).toBeNull();
    await owner.ask('close', path);
    person = new DatabaseSync(path);
    const found = person.prepare(
      'SELECT count(*) AS n FROM devices WHERE public_id IN (SELECT value FROM json_each(?))',
    );
    expect(found.get(JSON.stringify(saved))).toEqual({ n: 100 });
    expect(person.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  },
);
