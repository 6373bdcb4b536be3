import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from './run-cli.ts';

// What it does with a PostgreSQL is in conformance/src/migrate-command.test.ts.

const NOWHERE = 'postgres://belfry:the-password@127.0.0.1:1/belfry';

async function migrate(...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await runCli({
    args: ['migrate', ...args],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: new AbortController().signal,
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
    const { code, out, errors } = await migrate('--from', join(folder, name), '--to', NOWHERE);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toMatch(/^error: [^\n]+\n$/);
    expect(errors).toMatch(message);
    expect(errors).not.toContain('the-password');
  }
});
