import type { StoreError } from '../errors.ts';
import { systemEffects } from './effects.ts';
import { replacedThread } from './replaced-thread.ts';
import { startThread, type StoreThread } from './thread-client.ts';

export interface StoreThreads {
  readonly writer: StoreThread;
  readonly reads: StoreThread;
}

export interface StoreThreadsOptions {
  onFault(fault: StoreError): void;
  /** The thread that writes broke down, and there is another one: what was leased is due again. */
  onReopened(): void;
}

/**
 * The thread that owns the database and writes, and the one that reads beside it. Each is replaced where it breaks down. A
 * store without broadcasts has no thread that reads: it is started with the first call.
 *
 * @throws {StoreError} where the store cannot be opened
 */
export async function openThreads(path: string, { onFault, onReopened }: StoreThreadsOptions): Promise<StoreThreads> {
  if (path === ':memory:') {
    // What is in memory ends with its thread, and another thread cannot read it.
    const only = await startThread({ path, role: 'writer' });
    return { writer: only, reads: only };
  }
  let lost: StoreError | undefined;
  const onLost = (error: StoreError): void => {
    lost = error;
    onFault(error);
  };
  const { elapsed } = systemEffects;
  const writer = replacedThread({
    elapsed,
    onFault,
    first: await startThread({ path, role: 'writer', onLost }),
    async start() {
      if (lost !== undefined) throw lost;
      const thread = await startThread({ path, role: 'writer', onLost });
      // Nobody knows which leases the broken thread gave out without an answer. Those that were answered end as well: what is
      // recorded under them is left out, as for a lease that is over.
      await thread.call('releaseLeases', undefined);
      queueMicrotask(onReopened);
      return thread;
    },
  });
  const reader = replacedThread({ elapsed, onFault, start: () => startThread({ path, role: 'reader' }) });
  return {
    writer,
    reads: {
      // The thread that reads still has the files of before, and they look sound to it.
      call: (operation, input) => (lost === undefined ? reader.call(operation, input) : Promise.reject(lost)),
      close: () => reader.close(),
    },
  };
}
