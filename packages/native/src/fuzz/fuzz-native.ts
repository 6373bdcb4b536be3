import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// `npm run fuzz:native -- [rounds] [seed]`: addon.c under AddressSanitizer and UndefinedBehaviorSanitizer, fed by
// fuzz-process.test-data.ts. Linux with gcc. Ends with 0 when nothing was found.

const SANITIZE = '-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all';

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (signal !== null) console.error(`ended by ${signal}`);
  return status ?? 1;
}

/** Node itself is not instrumented, so what the addon is linked with has to be there before it. */
function library(name: string): string {
  return spawnSync('gcc', [`-print-file-name=${name}`])
    .stdout.toString()
    .trim();
}

const folder = mkdtempSync(join(tmpdir(), 'belfry-fuzz-'));
try {
  run(process.execPath, [join(import.meta.dirname, '../../build-addon.js'), folder], {
    CC: 'gcc',
    CFLAGS: SANITIZE,
    BELFRY_NATIVE: '',
  });
  const addon = join(folder, 'belfry.node');
  if (!existsSync(addon)) throw new Error('gcc did not build the addon with its sanitizers');
  const script = join(import.meta.dirname, 'fuzz-process.test-data.ts');
  const child = [...process.execArgv, '--expose-gc', script, addon, ...process.argv.slice(2)];
  process.exitCode = run(process.execPath, child, {
    LD_PRELOAD: [library('libasan.so'), library('libubsan.so')].join(' '),
    // Node frees little when it ends: leaks are looked for by fuzz-process.test-data.ts, as growth.
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=8',
  });
} finally {
  rmSync(folder, { recursive: true });
}
