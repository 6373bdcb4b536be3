import type { Encryptor } from '@belfry/protocol';
import { type Addon, loadAddon } from './addon.ts';
import { packJobs } from './pack-jobs.ts';

export interface LoadNativeEncryptorOptions {
  /** Default `process.env`: `BELFRY_NATIVE=off` switches it off. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The encryptor in C, or undefined: not built (no C compiler, Windows), not for this Node, or switched off. Whoever
 * gets undefined uses protocol's `typescriptEncryptor`.
 */
export function loadNativeEncryptor({ env = process.env }: LoadNativeEncryptorOptions = {}): Encryptor | undefined {
  const addon = env.BELFRY_NATIVE === 'off' ? undefined : loadAddon();
  return addon === undefined ? undefined : nativeEncryptor(addon);
}

/**
 * Jobs of one call of the addon: 2 ms of one thread. Fewer cost more each (one alone 30 % more), and more would leave
 * other threads without work, or files and DNS without a thread.
 */
const BATCH_JOBS = 32;

/** @internal */
export function nativeEncryptor(addon: Addon): Encryptor {
  return {
    name: 'native',
    async encrypt(jobs) {
      const starts = Array.from({ length: Math.ceil(jobs.length / BATCH_JOBS) }, (_, batch) => batch * BATCH_JOBS);
      // All are packed, and so checked, before the first is begun.
      const batches = starts.map((start) => packJobs(jobs.slice(start, start + BATCH_JOBS)));
      const bodies = await Promise.all(
        batches.map(async ({ packed, bodyLengths }) => cut(await addon.encryptBatch(packed), bodyLengths)),
      );
      return bodies.flat();
    },
  };
}

function cut(bodies: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => bodies.subarray(at, (at += length)));
}
