import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const command = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-vitest-'));
});

afterAll(() => rm(folder, { recursive: true }));

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

test('vitest runs tests with these fixtures, starts each once for a file, and closes them after it', async ({
  signal,
}) => {
  const report = join(folder, 'report.json');
  const log = join(folder, 'log');
  const conditions = ['@belfry/source'];
  const config = {
    root: import.meta.dirname,
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { include: ['push.test-data.ts'], testTimeout: 60_000, reporters: ['json'], outputFile: report },
  };
  const configFile = join(folder, 'vitest.config.mjs');
  await writeFile(configFile, `export default ${JSON.stringify(config)};`);
  const env = { ...process.env, NODE_OPTIONS: '--conditions=@belfry/source', TEST_LOG: log };
  const ended = Promise.withResolvers<void>();
  // It exits with 1 where a test fails, as one does here.
  execFile(process.execPath, [command, 'run', '--config', configFile], { env, signal }, () => ended.resolve());
  await ended.promise;

  const { testResults }: Report = JSON.parse(await readFile(report, 'utf8'));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  expect(results.map(({ title, status, failureMessages }) => [title, status, ...failureMessages])).toEqual([
    ['Chromium shows a push', 'passed'],
    ['Firefox shows a push', 'passed'],
    ['browsers and push service are those of the tests before', 'passed'],
    ['a user agent without a browser gets a push', 'passed'],
    ['a notification that never comes fails its test', 'failed', expect.stringContaining('shown: none')],
  ]);
  const [chromium = '', firefox = '', ...again] = (await readFile(log, 'utf8')).trim().split('\n');
  expect(again).toEqual([chromium, firefox]);
  // A browser's profile is removed once its process has ended.
  for (const use of [chromium, firefox]) {
    const [autopushUrl = '', profileDir = ''] = use.split(' ');
    await expect(access(profileDir)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fetch(autopushUrl.replace(/^ws/, 'http'))).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  }
}, 120_000);
