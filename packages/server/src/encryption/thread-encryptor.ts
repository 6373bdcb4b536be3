import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type EncryptJob, type Encryptor, typescriptEncryptor } from '@belfry/protocol';
import type { Clock, Logger } from '../effects.ts';
import { MAX_THREAD_DELAY_MS, THREAD_DELAY_MS } from '../limits.ts';
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
 * takes about 30 ms, and stay. One that broke down is replaced, after a delay that doubles; without any thread messages are
 * encrypted here meanwhile.
 */
export function createThreadEncryptor({ threadCount, clock, logger }: ThreadEncryptorOptions): ClosableEncryptor {
  let threads: readonly EncryptionThread[] = [];
  let isClosed = false;
  let failures = 0;
  let notBefore = 0;
  let here: Promise<unknown> = Promise.resolve();

  function leastBusy(): EncryptionThread | undefined {
    if (isClosed) throw new Error('The encryption threads were closed');
    threads = threads.filter((thread) => !thread.hasEnded());
    if (clock.elapsed() >= notBefore) {
      const missing = threadCount - threads.length;
      threads = [...threads, ...Array.from({ length: missing }, () => startThread({ onBroken, onAnswered }))];
    }
    const [first, ...others] = threads;
    return first && others.reduce((best, thread) => (thread.waiting() < best.waiting() ? thread : best), first);
  }

  function onBroken(error: Error): void {
    if (isClosed) return;
    const delayMs = Math.min(THREAD_DELAY_MS * 2 ** failures, MAX_THREAD_DELAY_MS);
    failures += 1;
    notBefore = clock.elapsed() + delayMs;
    logger.error('An encryption thread broke down, and another one takes its place', { error: error.message, delayMs });
  }

  function onAnswered(): void {
    failures = 0;
  }

  function encryptChunk(jobs: readonly EncryptJob[]): Promise<readonly Uint8Array[]> {
    const thread = leastBusy();
    if (thread !== undefined) return thread.encrypt(jobs);
    // One chunk after the other, so that the event loop has its turn between them.
    const encrypted = here.then(async () => {
      await setImmediate();
      return await typescriptEncryptor.encrypt(jobs);
    });
    here = encrypted.catch(() => {});
    return encrypted;
  }

  return {
    name: 'typescript',
    async encrypt(jobs) {
      if (jobs.length <= TRICKLE_JOBS) return typescriptEncryptor.encrypt(jobs);
      const starts = Array.from({ length: Math.ceil(jobs.length / CHUNK_JOBS) }, (_, chunk) => chunk * CHUNK_JOBS);
      const chunks = starts.map((start) => encryptChunk(jobs.slice(start, start + CHUNK_JOBS)));
      return (await Promise.all(chunks)).flat();
    },
    async close() {
      isClosed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

export interface ThreadEncryptorOptions {
  /** At least 1. */
  readonly threadCount: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface ThreadEvents {
  /** It ended by itself. */
  onBroken(error: Error): void;
  onAnswered(): void;
}

interface EncryptionThread {
  encrypt(jobs: readonly EncryptJob[]): Promise<readonly Uint8Array[]>;
  /** How many calls it has not answered. */
  waiting(): number;
  hasEnded(): boolean;
  close(): Promise<void>;
}

function startThread({ onBroken, onAnswered }: ThreadEvents): EncryptionThread {
  const worker = new Worker(THREAD, { name: 'belfry-encryption' });
  // Idle threads keep no process alive.
  worker.unref();
  const calls = new Map<number, PromiseWithResolvers<readonly Uint8Array[]>>();
  let lastId = 0;
  let ended: Error | undefined;

  const end = (error: Error): void => {
    if (ended === undefined) onBroken(error);
    ended ??= error;
    for (const call of calls.values()) call.reject(ended);
    calls.clear();
  };
  worker.on('message', (reply: EncryptReply) => {
    const call = calls.get(reply.id);
    calls.delete(reply.id);
    onAnswered();
    if (calls.size === 0) worker.unref();
    if (reply.ok) call?.resolve(reply.bodies);
    else call?.reject(new Error(reply.error));
  });
  worker.on('error', (cause) => end(new Error(`An encryption thread broke down: ${reasonOf(cause)}`)));
  worker.on('exit', () => end(new Error('The encryption threads were closed, or one ended by itself')));

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

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown error';
}
