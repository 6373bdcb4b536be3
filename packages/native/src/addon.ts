import { createRequire } from 'node:module';

/** What addon.c exports. It refuses what it cannot use, whatever it is; nothing else needs to be known to call it safely. */
export interface Addon {
  /**
   * Encrypts jobs as `packJobs` lays them out, on one of libuv's threads; the bodies come one behind the other.
   *
   * @throws Error with `code` `malformed-batch`, `out-of-memory`; rejects with `encryption-failed` where a key is not on
   * the curve, or OpenSSL fails
   */
  encryptBatch(jobs: Uint8Array): Promise<Uint8Array>;
  /** So many P-256 key pairs, each with an ECDH, on this thread: what no message can do without. For benches. */
  measureFloor(times: number): void;
}

const BUILT = '../build/belfry.node';

/** @returns undefined where it was not built, or does not fit this Node */
export function loadAddon(file: string = BUILT): Addon | undefined {
  try {
    const addon: unknown = createRequire(import.meta.url)(file);
    return isAddon(addon) ? addon : undefined;
  } catch {
    return undefined;
  }
}

function isAddon(value: unknown): value is Addon {
  return typeof value === 'object' && value !== null && 'encryptBatch' in value && 'measureFloor' in value;
}
