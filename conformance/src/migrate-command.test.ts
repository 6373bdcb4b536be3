import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBelfry } from '@belfry/server';
import type { OpenStore } from '@belfry/store';
import { postgres } from '@belfry/store/postgres';
import { sqlite } from '@belfry/store/sqlite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  type PostgresServer,
  startPostgres,
} from '../../packages/store/src/postgres/testing/start-postgres.test-data.ts';

// `belfry migrate` as an operator types it, between two servers.

const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts');

let database: PostgresServer;
beforeAll(async () => {
  database = await startPostgres();
});
afterAll(() => database.stop());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

async function migrate(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = execFile(
    process.execPath,
    ['--conditions=@belfry/source', MAIN, 'migrate', ...args],
    (_error, out, errors) => resolve({ code: child.exitCode ?? Number.NaN, out, errors }),
  );
  const ended = await promise;
  expect(ended.out + ended.errors).not.toContain(new URL(database.url).password);
  return ended;
}

function startServer(store: OpenStore) {
  return createBelfry({
    store,
    subject: 'mailto:ops@example.com',
    origins: ['https://app.example.com'],
    authenticate: () => null,
    env: {},
  });
}

async function temporaryStore(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-migrate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'belfry.db');
}

/** All that stderr has: the url of this test holds its password. */
const PASSWORD_WARNING = /^WARNING: the password stands in an argument[^\n]+\n$/;

test('a rehearsal beside a running server, then the copy, and the server goes on with PostgreSQL', async () => {
  const path = await temporaryStore();
  const before = await startServer(sqlite(path));
  await before.joinTopic('news', 'ada');
  const { id } = await before.notify({ all: true }, { title: 'Tomorrow' }, { at: Date.now() + 86_400_000 });
  const [rehearsal, final] = [database.freshSchema(), database.freshSchema()];

  const looked = await migrate('--from', path, '--to', database.url, '--schema', final, '--dry-run');
  expect(looked).toMatchObject({ code: 0, errors: expect.stringMatching(PASSWORD_WARNING) });
  expect(looked.out).toMatch(/^messages +1$/m);
  expect(looked.out).toContain('Nothing was copied');

  const rehearsed = await migrate('--from', path, '--to', database.url, '--schema', rehearsal);
  expect(rehearsed.code).toBe(0);
  expect(rehearsed.errors).toMatch(/^messages: 100 % of 1 rows$/m);
  expect(rehearsed.errors).toMatch(/WARNING: a server has .* open\. WHAT IT HAS WRITTEN SINCE .* NOT IN POSTGRESQL/);
  await before.joinTopic('sport', 'ada');
  await before.close();

  const copied = await migrate('--from', path, '--to', database.url, '--schema', final);
  expect(copied).toMatchObject({ code: 0, errors: expect.stringContaining('Start the server on PostgreSQL') });
  expect(copied.out).toMatch(/^table +rows +checksum\nusers +1 +[0-9a-f]+\n/);
  expect(copied.out).toMatch(/^messages +1 +[0-9a-f]+$/m);
  expect(copied.out).toContain(`Copied into the schema ${final}; counts and checksums are the same on both sides`);

  const after = await startServer(postgres({ url: database.url, schema: final }));
  onTestFinished(() => after.close());
  expect(await after.topicsOf('ada')).toEqual(['news', 'sport']);
  expect(await after.messageStatus(id)).toMatchObject({ state: 'scheduled' });

  const again = await migrate('--from', path, '--to', database.url, '--schema', final);
  expect(again).toMatchObject({ code: 1, out: '' });
  expect(again.errors).toMatch(
    /^WARNING: [^\n]+\nerror: The schema test_\w+ has a store already \(users has rows\): [^\n]+\n$/,
  );
}, 60_000);

test('a database that refuses, or is not there, is told in one line without the password', async () => {
  const path = await temporaryStore();
  await (await sqlite(path)()).close();
  const [refusing, silent] = [new URL(database.url), new URL(database.url)];
  refusing.pathname = '/no-such-database';
  silent.port = '1';
  for (const [url, message] of [
    [refusing, /does not exist/],
    [silent, /ECONNREFUSED/],
  ] as const) {
    const { code, out, errors } = await migrate('--from', path, '--to', url.href);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toMatch(/^WARNING: the password stands in an argument[^\n]+\nerror: [^\n]+\n$/);
    expect(errors).toMatch(message);
  }
}, 60_000);
