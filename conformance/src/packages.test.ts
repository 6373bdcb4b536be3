import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPackages, readPackages, withoutRegistry } from './packed-packages.test-data.ts';

// What npm would publish, as those who install it find it: built, packed, and installed in an empty project.

const run = promisify(execFile);
/** Building and packing take about 3 s, installing 3 to 6; the rest is for a slow network. */
const SETUP_TIMEOUT_MS = 50_000;

const packages = await readPackages();
let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-packages-'));
  project = join(folder, 'project');
  const cache = join(folder, 'cache');
  await mkdir(project);
  await packPackages(packages, folder);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const tarballs = packages.map(({ tarball }) => join(folder, tarball));
  const install = ['install', ...tarballs, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  // npm keeps its cache in the home folder; where it cannot be written to, it gets one that goes with the test.
  await npm(project, install).catch(() => npm(project, [...install, '--cache', cache]));
  // An optional peer, which nobody gets who does not ask for it.
  await symlink(join(import.meta.dirname, '../../node_modules/react'), join(project, 'node_modules/react'));
}, SETUP_TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('plain Node imports every package, and runs Belfry on a SQLite store from them', async () => {
  await copyFile(join(import.meta.dirname, 'use-packages.test-data.ts'), join(project, 'use-packages.ts'));
  // Those two are for test runners, which they import; the testing guide's test runs vitest with them.
  const specifiers = packages.flatMap(({ exports }) => exports).filter((name) => !/\/(playwright|vitest)$/.test(name));
  const { stdout } = await run(process.execPath, ['use-packages.ts', 'belfry.db', ...specifiers], { cwd: project });
  expect(JSON.parse(stdout)).toEqual({
    imported: specifiers,
    // Not the sources of this repository, which only the @belfry/source condition finds.
    server: pathToFileURL(join(project, 'node_modules/@belfry/server/dist/index.js')).href,
    status: 200,
    body: { publicKey: expect.stringMatching(/^[\w-]{87}$/) },
  });
});

test.each(packages)('publint --strict finds nothing wrong with $name', async ({ name }) => {
  // What is installed is what was packed, so there is nothing left to pack.
  const pkgDir = join(project, 'node_modules', name);
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

function npm(cwd: string, args: readonly string[]): Promise<unknown> {
  return withoutRegistry(`npm ${args[0]}`, run('npm', args, { cwd }));
}
