import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import type {
  CallOf,
  Fault,
  Input,
  Opened,
  OperationName,
  Output,
  Reply,
  ThreadFailure,
  ThreadRole,
} from './thread-messages.ts';

/** The caller's end of the store's threads. */
export interface StoreThread {
  /** Resolves when the call is answered: one that writes, when it is on disk. */
  call<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name>>;
  /** Lets the thread finish what it was asked before, then ends it. */
  close(): Promise<void>;
}

/** One thread, which may end before it is closed. */
export interface ThreadClient extends StoreThread {
  /** Why it ended by itself; it never settles where it is closed. */
  readonly brokeDown: Promise<StoreError>;
}

/** The thread answers each call with the output of that call's operation; `never` stands for whichever it is. */
interface Waiting {
  resolve(output: never): void;
  reject(error: StoreError): void;
}

export interface StartThreadOptions extends ThreadRole {
  /** The thread that writes found that the store may not be used any more. */
  onLost?(error: StoreError): void;
}

// tsc rewrites the endings of imports, but not those inside `new URL`.
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './sqlite-thread.ts' : './sqlite-thread.js', import.meta.url);

/**
 * Starts the thread and waits until it has the database.
 *
 * @throws {StoreError}
 */
export async function startThread({ onLost, ...role }: StartThreadOptions): Promise<ThreadClient> {
  const worker = newWorker(role);
  const opening = Promise.withResolvers<Opened>();
  worker.once('message', opening.resolve);
  worker.once('error', (cause) => opening.reject(unstartedThread(cause)));
  worker.once('exit', () => opening.reject(unstartedThread()));
  const opened = await opening.promise;
  if (!opened.ok) {
    await worker.terminate();
    throw toStoreError(opened.error);
  }
  return connect(worker, onLost);
}

function newWorker(role: ThreadRole): Worker {
  try {
    return new Worker(THREAD, { workerData: role, name: `belfry-sqlite-${role.role}` });
  } catch (cause) {
    throw unstartedThread(cause);
  }
}

function connect(worker: Worker, onLost?: (error: StoreError) => void): ThreadClient {
  const waiting = new Map<number, Waiting>();
  const exited = Promise.withResolvers<void>();
  const brokeDown = Promise.withResolvers<StoreError>();
  let gathered: CallOf<OperationName>[] = [];
  let lastId = 0;
  let ended: StoreError | undefined;
  let isClosed = false;

  worker.on('message', (message: readonly Reply<never>[] | Fault) => {
    if ('fault' in message) {
      onLost?.(toStoreError(message.fault));
      return;
    }
    for (const reply of message) {
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) call?.resolve(reply.output);
      else call?.reject(toStoreError(reply.error));
    }
  });
  worker.on('error', (cause) => end(brokenThread(cause)));
  worker.on('exit', () => {
    end(isClosed ? closedStore() : brokenThread());
    // Now its connections are closed, and another thread may open the store.
    if (!isClosed && ended !== undefined) brokeDown.resolve(ended);
    exited.resolve();
  });

  return {
    brokeDown: brokeDown.promise,
    call(operation, input) {
      if (ended !== undefined) return Promise.reject(ended);
      const { promise, resolve, reject } = Promise.withResolvers<Output<typeof operation>>();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      // What one turn of the event loop asks goes over in one message.
      if (gathered.length === 0) queueMicrotask(post);
      gathered.push({ id, operation, input });
      return promise;
    },
    async close() {
      isClosed = true;
      if (ended === undefined) {
        post();
        ended = closedStore();
        worker.postMessage(null);
      }
      await exited.promise;
    },
  };

  function post(): void {
    if (gathered.length === 0) return;
    const calls = gathered;
    gathered = [];
    worker.postMessage(calls);
  }

  function end(error: StoreError): void {
    ended ??= error;
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  }
}

export function closedStore(): StoreError {
  return new StoreError('store-closed', 'The store was closed');
}

function unstartedThread(cause?: unknown): StoreError {
  return new StoreError('store-failed', `A thread of the SQLite store could not be started: ${reasonOf(cause)}`, {
    cause,
  });
}

function brokenThread(cause?: unknown): StoreError {
  return new StoreError('store-failed', `A thread of the SQLite store broke down: ${reasonOf(cause)}`, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'it ended by itself';
}

function toStoreError({ code, message }: ThreadFailure): StoreError {
  return new StoreError(code, message);
}
