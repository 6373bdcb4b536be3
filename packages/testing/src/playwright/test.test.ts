import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import webpush from 'web-push';
import { pushPages } from '../push-page.test-data.ts';
import { servePages } from '../serve-pages.test-data.ts';

const command = createRequire(import.meta.url).resolve('@playwright/test/cli');
let folder: string;
let site: Awaited<ReturnType<typeof servePages>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-playwright-'));
  site = await servePages(pushPages);
});

afterAll(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** What Playwright Test reports of push.test-data.ts: a title and its status for each test. */
async function runPlaywrightTest(use: object, signal: AbortSignal): Promise<unknown> {
  const report = join(folder, 'report.json');
  const config = {
    testDir: import.meta.dirname,
    testMatch: 'push.test-data.ts',
    outputDir: join(folder, 'results'),
    workers: 1,
    reporter: [['json', { outputFile: report }]],
    use: { baseURL: site.origin, ...use },
  };
  const configFile = join(folder, 'playwright.config.mjs');
  await writeFile(configFile, `export default ${JSON.stringify(config)};`);
  const { publicKey, privateKey } = webpush.generateVAPIDKeys();
  const env = {
    ...process.env,
    NODE_OPTIONS: '--conditions=@belfry/source',
    TEST_VAPID_KEYS: `${publicKey} ${privateKey}`,
  };
  const ended = Promise.withResolvers<void>();
  // It exits with 1 where a test fails, as one does here.
  execFile(process.execPath, [command, 'test', '--config', configFile], { env, signal }, () => ended.resolve());
  await ended.promise;
  const { errors, ...suites }: Report & { readonly errors: readonly unknown[] } = JSON.parse(
    await readFile(report, 'utf8'),
  );
  // Such as a file that cannot be loaded.
  expect(errors).toEqual([]);
  return outcomes(suites);
}

interface Report {
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly { readonly results: readonly Result[] }[];
  }[];
  readonly suites?: readonly Report[];
}
interface Result {
  readonly status: string;
  readonly error?: { readonly message: string };
}

function outcomes({ specs = [], suites = [] }: Report): readonly (readonly (string | undefined)[])[] {
  return [
    ...specs.map(({ title, tests }) => {
      const result = tests[0]?.results[0];
      return [title, result?.status, ...(result?.error === undefined ? [] : [result.error.message])];
    }),
    ...suites.flatMap(outcomes),
  ];
}

test('Playwright Test runs tests with these fixtures, and those that must fail do', async ({ signal }) => {
  const localStorage = [{ name: 'theme', value: 'dark' }];
  const use = {
    locale: 'de-DE',
    viewport: { width: 640, height: 480 },
    storageState: { cookies: [], origins: [{ origin: site.origin, localStorage }] },
  };
  expect(await runPlaywrightTest(use, signal)).toEqual([
    ['a push is shown and clicked', 'passed'],
    ['the next test has a profile of its own, and the options of `use`', 'passed'],
    [
      'a notification that never comes fails its test',
      'failed',
      expect.stringContaining('Waited 100 ms for a notification {"title":"Never"}; shown: none'),
    ],
    ['a page is asked', 'passed'],
  ]);
}, 120_000);

test('in a project of another browser they are skipped', async ({ signal }) => {
  expect(await runPlaywrightTest({ browserName: 'firefox' }, signal)).toEqual(
    Array.from({ length: 4 }, () => [expect.any(String), 'skipped']),
  );
}, 60_000);
