import { boundPending, MAX_PENDING_PROOFS } from '../bound-pending.ts';
import { StoreError } from '../errors.ts';
import type { OpenStore } from '../store.ts';
import { unpackPage } from './packed-page.ts';
import { startThread, type ThreadClient } from './thread-client.ts';

/**
 * A store in one SQLite file, for one process; nothing is opened before the function it returns is called. The file is
 * in WAL mode with synchronous=FULL. One worker thread does all that writes and another reads the pages of broadcasts, so
 * the event loop never waits for a disk, nor a write for a long read.
 *
 * @param path the database file, made if it is not there; its folder must exist
 * @throws {StoreError} on opening: `store-in-use`, `store-newer`, `store-failed`
 * @example
 * const belfry = await createBelfry({ store: sqlite('belfry.db'), … });
 */
export function sqlite(path: string): OpenStore {
  return async () => {
    const writer = await startThread({ path, role: 'writer' });
    const reads = path === ':memory:' ? writer : readingThread(path);
    return {
      saveDevice: (device) => writer.call('saveDevice', device),
      resubscribeDevice: (request) => writer.call('resubscribeDevice', request),
      proveDevice: boundPending((proof) => reads.call('proveDevice', proof), MAX_PENDING_PROOFS),
      removeDevice: (request) => writer.call('removeDevice', request),
      endSession: (request) => writer.call('endSession', request),
      saveReceipts: (request) => writer.call('saveReceipts', request),
      devicesOfUser: (userId) => writer.call('devicesOfUser', userId),
      joinTopic: (membership) => writer.call('joinTopic', membership),
      leaveTopic: (membership) => writer.call('leaveTopic', membership),
      topicsOf: (member) => writer.call('topicsOf', member),
      enqueueMessage: (message) => writer.call('enqueueMessage', message),
      messagesToPlan: (request) => writer.call('messagesToPlan', request),
      timeZones: () => reads.call('timeZones', undefined),
      planMessage: (plan) => writer.call('planMessage', plan),
      leaseChunks: (request) => writer.call('leaseChunks', request),
      readPage: async (request) => unpackPage(await reads.call('readPage', request)),
      commitPage: (page) => writer.call('commitPage', page),
      recordResults: (results) => writer.call('recordResults', results),
      takeDue: (request) => writer.call('takeDue', request),
      releaseLeases: () => writer.call('releaseLeases', undefined),
      messageStatus: (id) => writer.call('messageStatus', id),
      changeMessage: (request) => writer.call('changeMessage', request),
      purge: (request) => writer.call('purge', request),
      ensureVapidKeys: (request) => writer.call('ensureVapidKeys', request),
      addVapidKeys: (request) => writer.call('addVapidKeys', request),
      vapidKeys: () => writer.call('vapidKeys', undefined),
      vapidKeysInUse: () => writer.call('vapidKeysInUse', undefined),
      // No other process has this store.
      onWork: () => () => {},
      async close() {
        // The writer last: it is the last connection that empties and removes the WAL.
        if (reads !== writer) await reads.close();
        await writer.close();
      },
    };
  };
}

/** The thread that reads, started with the first call: a store without broadcasts has none. */
function readingThread(path: string): ThreadClient {
  let thread: Promise<ThreadClient> | undefined;
  let isClosed = false;
  return {
    call(operation, input) {
      if (isClosed) return Promise.reject(new StoreError('store-closed', 'The store was closed'));
      thread ??= startThread({ path, role: 'reader' });
      return thread.then((started) => started.call(operation, input));
    },
    async close() {
      isClosed = true;
      await thread?.then(
        (started) => started.close(),
        () => {}, // It never started, which its callers know.
      );
    },
  };
}
