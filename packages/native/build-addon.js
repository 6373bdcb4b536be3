/**
 * Builds addon.c into `build/belfry.node`, or into the folder given: at install, and with CFLAGS for the fuzzer.
 *
 * It may run under any Node that npm does, and never fails: without a C compiler, Belfry encrypts in TypeScript.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** From the OpenSSL inside Node; nothing is linked. Where a function is not there, loading fails at once. */
const SYMBOLS_FROM_NODE = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,-z,now'];
const TIMEOUT_MS = 60_000;

try {
  // On Windows, an addon must be linked with node.exe, which is another matter.
  if (process.env.BELFRY_NATIVE !== 'off' && process.platform !== 'win32') build();
} catch (error) {
  console.log(`@belfry/native was not built, which is no harm: ${String(error)}`);
}

function build() {
  const [outFolder = join(import.meta.dirname, 'build')] = process.argv.slice(2);
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers')), 'include');
  const source = join(import.meta.dirname, 'addon.c');
  // Renamed when it is whole: a process that loads it meanwhile has the old one or the new one.
  const target = join(outFolder, 'belfry.node');
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(outFolder, { recursive: true });
  const flags = ['-O2', '-std=c11', '-fPIC', '-shared', '-fvisibility=hidden', ...SYMBOLS_FROM_NODE];
  const extra = (process.env.CFLAGS ?? '').split(' ').filter(Boolean);
  for (const compiler of [process.env.CC, 'cc', 'gcc', 'clang'].filter(Boolean)) {
    const args = [...flags, ...extra, `-I${headers}`, '-o', unfinished, source];
    const { status } = spawnSync(compiler, args, { stdio: 'ignore', timeout: TIMEOUT_MS });
    if (status === 0) return renameSync(unfinished, target);
    rmSync(unfinished, { force: true });
  }
}
