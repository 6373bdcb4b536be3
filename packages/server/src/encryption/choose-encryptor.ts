import type { Encryptor } from '@belfry/protocol';
import type { Clock, Logger } from '../effects.ts';
import { spareCores } from './spare-cores.ts';
import { type ClosableEncryptor, createThreadEncryptor } from './thread-encryptor.ts';

export interface ChooseEncryptorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The encryptor in C, where @belfry/native is installed and was built; else TypeScript's, on as many threads as there are cores to spare. */
export async function chooseEncryptor({ env, clock, logger }: ChooseEncryptorOptions): Promise<ClosableEncryptor> {
  const native = await loadNative(env);
  if (native !== undefined) return { ...native, close: async () => {} };
  return createThreadEncryptor({ threadCount: spareCores(), clock, logger });
}

async function loadNative(env: Readonly<Record<string, string | undefined>>): Promise<Encryptor | undefined> {
  try {
    const { loadNativeEncryptor } = await import('@belfry/native');
    return loadNativeEncryptor({ env });
  } catch (error) {
    // An optional peer: it is not installed.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
