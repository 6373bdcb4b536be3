import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import type { CallOf, Input, Opened, OperationName, Output, Reply, ThreadRole } from './thread-messages.ts';

/** The caller's end of a thread of the store. */
export interface ThreadClient {
  /** Resolves when the call is answered: one that writes, when it is on disk. */
  call<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name>>;
  /** Lets the thread finish what it was asked before, then ends it. */
  close(): Promise<void>;
}

/** The thread answers each call with the output of that call's operation; `never` stands for whichever it is. */
interface Waiting {
  resolve(output: never): void;
  reject(error: StoreError): void;
}

// tsc rewrites the endings of imports, but not those inside `new URL`.
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './sqlite-thread.ts' : './sqlite-thread.js', import.meta.url);

/** Starts the thread and waits until it has the database. */
export async function startThread(role: ThreadRole): Promise<ThreadClient> {
  const worker = new Worker(THREAD, { workerData: role, name: `belfry-sqlite-${role.role}` });
  const opening = Promise.withResolvers<Opened>();
  worker.once('message', opening.resolve);
  worker.once('error', opening.reject);
  const opened = await opening.promise;
  if (!opened.ok) {
    await worker.terminate();
    throw new StoreError(opened.error.code, opened.error.message);
  }
  return connect(worker);
}

function connect(worker: Worker): ThreadClient {
  const waiting = new Map<number, Waiting>();
  const exited = Promise.withResolvers<void>();
  let gathered: CallOf<OperationName>[] = [];
  let lastId = 0;
  let ended: StoreError | undefined;

  worker.on('message', (replies: readonly Reply<never>[]) => {
    for (const reply of replies) {
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) call?.resolve(reply.output);
      else call?.reject(new StoreError(reply.error.code, reply.error.message));
    }
  });
  worker.on('error', (cause) => {
    end(new StoreError('store-failed', "The store's thread broke down", { cause }));
  });
  worker.on('exit', () => {
    end(new StoreError('store-closed', 'The store was closed'));
    exited.resolve();
  });

  return {
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
      if (ended === undefined) {
        post();
        ended = new StoreError('store-closed', 'The store was closed');
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
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  }
}
