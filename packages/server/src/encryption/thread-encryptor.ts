import { Worker } from 'node:worker_threads';
import { type EncryptJob, type Encryptor, typescriptEncryptor } from '@belfry/protocol';
import type { EncryptReply } from './thread-messages.ts';

export interface ClosableEncryptor extends Encryptor {
  /** Ends its threads; what they were asked is rejected. */
  close(): Promise<void>;
}

/** So few are encrypted sooner here than they are sent to a thread: 1 ms. */
const TRICKLE_JOBS = 8;
/** Of one message to a thread: 2 ms of its work, so that all threads have some. */
const CHUNK_JOBS = 16;

// tsc rewrites the endings of imports, but not those inside `new URL`.
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './encryption-thread.ts' : './encryption-thread.js',
  import.meta.url,
);

/**
 * TypeScript's encryption off the main thread, as soon as there is more than a trickle. The threads are started then, which
 * takes about 30 ms, and stay.
 *
 * @param threadCount at least 1
 */
export function createThreadEncryptor(threadCount: number): ClosableEncryptor {
  let threads: readonly EncryptionThread[] = [];
  let isClosed = false;

  function leastBusy(): EncryptionThread {
    if (isClosed) throw new Error('The encryption threads were closed');
    // The first ones, and one for each that broke down.
    const running = threads.filter((thread) => !thread.hasEnded());
    threads = [...running, ...Array.from({ length: threadCount - running.length }, startThread)];
    return threads.reduce((best, thread) => (thread.waiting() < best.waiting() ? thread : best));
  }

  return {
    name: 'typescript',
    async encrypt(jobs) {
      if (jobs.length <= TRICKLE_JOBS) return typescriptEncryptor.encrypt(jobs);
      const starts = Array.from({ length: Math.ceil(jobs.length / CHUNK_JOBS) }, (_, chunk) => chunk * CHUNK_JOBS);
      const chunks = starts.map((start) => leastBusy().encrypt(jobs.slice(start, start + CHUNK_JOBS)));
      return (await Promise.all(chunks)).flat();
    },
    async close() {
      isClosed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

interface EncryptionThread {
  encrypt(jobs: readonly EncryptJob[]): Promise<readonly Uint8Array[]>;
  /** How many calls it has not answered. */
  waiting(): number;
  hasEnded(): boolean;
  close(): Promise<void>;
}

function startThread(): EncryptionThread {
  const worker = new Worker(THREAD, { name: 'belfry-encryption' });
  // Idle threads keep no process alive.
  worker.unref();
  const calls = new Map<number, PromiseWithResolvers<readonly Uint8Array[]>>();
  let lastId = 0;
  let ended: Error | undefined;

  const end = (error: Error): void => {
    ended ??= error;
    for (const call of calls.values()) call.reject(ended);
    calls.clear();
  };
  worker.on('message', (reply: EncryptReply) => {
    const call = calls.get(reply.id);
    calls.delete(reply.id);
    if (calls.size === 0) worker.unref();
    if (reply.ok) call?.resolve(reply.bodies);
    else call?.reject(new Error(reply.error));
  });
  worker.on('error', (cause) => end(new Error('An encryption thread broke down', { cause })));
  worker.on('exit', () => end(new Error('The encryption threads were closed')));

  return {
    encrypt(jobs) {
      const call = Promise.withResolvers<readonly Uint8Array[]>();
      lastId += 1;
      calls.set(lastId, call);
      worker.ref();
      worker.postMessage({ id: lastId, jobs });
      return call.promise;
    },
    waiting: () => calls.size,
    hasEnded: () => ended !== undefined,
    async close() {
      await worker.terminate();
    },
  };
}
