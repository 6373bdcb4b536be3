import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlite } from '@belfry/store/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from './run-cli.ts';

const DAY_MS = 24 * 3_600_000;

async function confirmDate(...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await runCli({
    args: ['confirm-date', ...args],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: new AbortController().signal,
    env: {},
    now: () => Date.now(),
  });
  return { code, out: out.join(''), errors: errors.join('') };
}

async function temporaryStore(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-confirm-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'belfry.db');
}

test('a store that was off for 100 days trusts the date once it is confirmed', async () => {
  const path = await temporaryStore();
  const check = async () => {
    const store = await sqlite(path)();
    const { kind } = await store.checkDate({ now: Date.now(), steadyNow: null, isConfirmed: false });
    await store.close();
    return kind;
  };
  const store = await sqlite(path)();
  await store.checkDate({ now: Date.now() - 100 * DAY_MS, steadyNow: null, isConfirmed: false });
  await store.close();
  expect(await check()).toBe('jumped');
  expect(await confirmDate('--store', path)).toEqual({
    code: 0,
    out: expect.stringMatching(/^Confirmed: it is 20\d\d-.*Z\n$/v),
    errors: '',
  });
  expect(await check()).toBe('trusted');
});

test('a store that a server has open, that is not there, or that nobody named is told in one line', async () => {
  const path = await temporaryStore();
  const store = await sqlite(path)();
  for (const [args, message] of [
    [['--store', path], /stop it first/v],
    [['--store', `${path}-none`], /There is no file/v],
    [[], /--store belfry\.db/v],
    [['--store', path, '--url', 'postgres://127.0.0.1:1/x'], /cannot be used with/v],
  ] as const) {
    const { code, out, errors } = await confirmDate(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toMatch(message);
  }
  await store.close();
});
