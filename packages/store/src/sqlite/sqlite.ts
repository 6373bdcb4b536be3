import type { OpenStore } from '../store.ts';
import { startThread } from './thread-client.ts';

/**
 * A store in one SQLite file, for one process; nothing is opened before the function it returns is called. The file is
 * in WAL mode with synchronous=FULL, and all work on it is done in one worker thread, so the event loop never waits for
 * a disk.
 *
 * @param path the database file, made if it is not there; its folder must exist
 * @throws {StoreError} on opening: `store-in-use`, `store-newer`, `store-failed`
 * @example
 * const belfry = await createBelfry({ store: sqlite('belfry.db'), … });
 */
export function sqlite(path: string): OpenStore {
  return async () => {
    const thread = await startThread(path);
    return {
      saveDevice: (device) => thread.call('saveDevice', device),
      removeDevice: (request) => thread.call('removeDevice', request),
      devicesOfUser: (userId) => thread.call('devicesOfUser', userId),
      enqueueMessage: (message) => thread.call('enqueueMessage', message),
      recordResults: (results) => thread.call('recordResults', results),
      recoverInterrupted: () => thread.call('recoverInterrupted', undefined),
      takeDue: (request) => thread.call('takeDue', request),
      messageStatus: (id) => thread.call('messageStatus', id),
      ensureVapidKeys: (request) => thread.call('ensureVapidKeys', request),
      vapidKeys: () => thread.call('vapidKeys', undefined),
      vapidKeysInUse: () => thread.call('vapidKeysInUse', undefined),
      close: () => thread.close(),
    };
  };
}
