import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from './run-cli.ts';

// What it does with a PostgreSQL is in conformance/src/migrate-command.test.ts.

const NOWHERE = 'postgres://belfry:the-password@127.0.0.1:1/belfry';

async function migrate(...args: string[]) {
  return await migrateIn({}, ...args);
}

async function migrateIn(env: Readonly<Record<string, string>>, ...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await runCli({
    args: ['migrate', ...args],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: new AbortController().signal,
    env,
    now: () => Date.now(),
  });
  return { code, out: out.join(''), errors: errors.join('') };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-migrate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test.each([
  ['without a source', ['--to', NOWHERE], /--from <file>/],
  ['without a target', ['--from', 'belfry.db'], /--to <url>/],
])('%s it says what is missing', async (_what, args, message) => {
  const { code, out, errors } = await migrate(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(errors).toMatch(message);
});

test('a source that is no store of this version is told in one line, before PostgreSQL is asked', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'text.db'), 'not a database, but long enough to look like one');
  const old = new DatabaseSync(join(folder, 'old.db'));
  old.exec('PRAGMA user_version = 1');
  old.close();
  for (const [name, message] of [
    ['none.db', /There is no file/],
    ['text.db', /SQLite refused .*text\.db: file is not a database/],
    ['old.db', /has schema 1 /],
  ] as const) {
    const { code, out, errors } = await migrateIn(
      { TARGET: NOWHERE },
      '--from',
      join(folder, name),
      '--to-env',
      'TARGET',
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toMatch(/^error: [^\n]+\n$/);
    expect(errors).toMatch(message);
    expect(errors).not.toContain('the-password');
  }
});

test('a password in an argument is warned of, and is in no line', async () => {
  const { code, out, errors } = await migrate('--from', 'none.db', '--to', NOWHERE);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(errors).toMatch(/^WARNING: the password stands in an argument.*PGPASSWORD.*--to-env.*--to-file/);
  expect(errors).not.toContain('the-password');
});

test('the url may come from the environment or a file, without a warning', async () => {
  const file = join(await temporaryFolder(), 'url');
  await writeFile(file, `${NOWHERE}\n`);
  const source = join(await temporaryFolder(), 'empty.db');
  const ends = [
    await migrateIn({ TARGET: NOWHERE }, '--from', source, '--to-env', 'TARGET'),
    await migrate('--from', source, '--to-file', file),
  ];
  for (const { code, errors } of ends) {
    expect(code).toBe(1);
    expect(errors).toMatch(/^error: There is no file /);
    expect(errors).not.toContain('the-password');
  }
});

test.each([
  ['a variable that is not there', ['--to-env', 'TARGET'], /no variable TARGET/],
  ['a file that is not there', ['--to-file', 'none.url'], /none\.url of --to-file cannot be read/],
  ['two targets', ['--to', NOWHERE, '--to-env', 'TARGET'], /give one of/],
])('%s is refused', async (_what, args, message) => {
  const { code, errors } = await migrate('--from', 'belfry.db', ...args);
  expect(code).toBe(1);
  expect(errors).toMatch(message);
  expect(errors).not.toContain('the-password');
});
