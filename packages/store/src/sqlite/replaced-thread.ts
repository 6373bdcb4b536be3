import { StoreError } from '../errors.ts';
import { closedStore, type StoreThread, type ThreadClient } from './thread-client.ts';

export interface ReplacedThreadOptions {
  /** One that runs already; without it the first call starts one. */
  readonly first?: ThreadClient;
  /** Starts one where there is none, or where the one before broke down. */
  start(): Promise<ThreadClient>;
  /** Milliseconds; never set back. */
  elapsed(): number;
  /** It broke down, or could not be started. */
  onFault(fault: StoreError): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** A thread that lived so long was sound: the next one is started at once. */
const SOUND_MS = 60_000;

/**
 * A thread that is started anew where it broke down: after 100 ms, then after twice as long each
 * time, 10 s at most. Its calls fail meanwhile, as do those that it had not answered.
 */
export function replacedThread({ first, start, elapsed, onFault }: ReplacedThreadOptions): StoreThread {
  let running: ThreadClient | undefined;
  let starting: Promise<ThreadClient> | undefined;
  let fault: StoreError | undefined;
  let failures = 0;
  let notBefore = 0;
  let isClosed = false;
  if (first !== undefined) starting = Promise.resolve(run(first));

  function started(): Promise<ThreadClient> {
    starting ??= start().then(run, (error: unknown) => {
      starting = undefined;
      const failed = error instanceof StoreError ? error : new StoreError('store-failed', String(error));
      fail(failed);
      throw failed;
    });
    return starting;
  }

  function run(thread: ThreadClient): ThreadClient {
    running = thread;
    void replaceAfter(thread, elapsed());
    return thread;
  }

  async function replaceAfter(thread: ThreadClient, startedAt: number): Promise<void> {
    const error = await thread.brokeDown;
    running = undefined;
    starting = undefined;
    if (elapsed() - startedAt > SOUND_MS) failures = 0;
    fail(error);
  }

  function fail(error: StoreError): void {
    if (isClosed) return;
    fault = error;
    notBefore = elapsed() + Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
    failures += 1;
    onFault(error);
  }

  return {
    call(operation, input) {
      if (isClosed) return Promise.reject(closedStore());
      if (running !== undefined) return running.call(operation, input);
      if (fault !== undefined && elapsed() < notBefore) return Promise.reject(fault);
      return started().then((thread) => thread.call(operation, input));
    },
    async close() {
      isClosed = true;
      await starting?.then(
        (thread) => thread.close(),
        () => {}, // It never started, which its callers know.
      );
    },
  };
}
