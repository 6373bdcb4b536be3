import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typescriptEncryptor } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { loadAddon } from './addon.ts';
import { encryptorContract } from './encryptor-contract.ts';
import { loadNativeEncryptor } from './load-native-encryptor.ts';

const hasCompiler = spawnSync('cc', ['--version']).status === 0 && process.platform !== 'win32';
const native = loadNativeEncryptor({ env: {} });

encryptorContract(typescriptEncryptor);
if (native !== undefined) encryptorContract(native);

test.runIf(hasCompiler)('where there is a C compiler, installing has built it', () => {
  expect(native?.name).toBe('native');
});

test('BELFRY_NATIVE=off switches it off', () => {
  expect(loadNativeEncryptor({ env: { BELFRY_NATIVE: 'off' } })).toBeUndefined();
});

async function build(env: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-native-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = join(import.meta.dirname, '../build-addon.js');
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { env: { ...process.env, ...env } });
  const file = join(folder, 'belfry.node');
  return { status, errors: stderr.toString(), file, built: existsSync(file) };
}

test.runIf(hasCompiler)('the build script makes what can be loaded', async () => {
  const { status, file } = await build({ BELFRY_NATIVE: '' });
  expect(status).toBe(0);
  expect(loadAddon(file)).toBeDefined();
});

test.each([
  ['it is switched off', { BELFRY_NATIVE: 'off' }],
  ['there is no compiler', { PATH: '/nowhere', CC: 'no-such-compiler' }],
  ['the compiler fails', { CFLAGS: '-include /no/such/header.h' }],
])('where %s, the build script makes nothing and ends with 0, without a word on stderr', async (_what, env) => {
  expect(await build(env)).toMatchObject({ status: 0, errors: '', built: false });
});

test('a file that is no addon is not loaded', () => {
  expect(loadAddon(join(import.meta.dirname, 'no-such-file.node'))).toBeUndefined();
  expect(loadAddon('node:path')).toBeUndefined();
});
