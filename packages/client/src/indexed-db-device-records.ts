import { DEVICE_DATABASE, type DeviceRecord, type DeviceRecordStore } from './device-record.ts';
import { PushClientError } from './push-client-error.ts';

const { name, version, store: storeName } = DEVICE_DATABASE;

/** The browser's DeviceRecordStore. Each call opens the database and closes it: then no tab blocks a later version. */
export function indexedDbDeviceRecords(factory: () => IDBFactory | undefined): DeviceRecordStore {
  return {
    get: async (scope) => (await transact(factory, 'readonly', (store) => find(store, scope))) ?? null,

    // Readwrite transactions on one store run one after another, across tabs too: no Web Lock is needed around this.
    async getOrAdd(scope, candidate) {
      const found = await transact(factory, 'readwrite', (store) => {
        const request = find(store, scope);
        request.addEventListener('success', () => {
          if (request.result === undefined) store.add(candidate, scope);
        });
        return request;
      });
      return found ?? candidate;
    },

    async put(scope, record) {
      await transact(factory, 'readwrite', (store) => store.put(record, scope));
    },

    async delete(scope) {
      await transact(factory, 'readwrite', (store) => store.delete(scope));
    },
  };
}

function find(store: IDBObjectStore, scope: string): IDBRequest<DeviceRecord | undefined> {
  return store.get(scope);
}

/** Runs one request and returns its result once the transaction is complete. */
async function transact<T>(
  factory: () => IDBFactory | undefined,
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  try {
    const opening = factory()?.open(name, version);
    if (opening === undefined) throw new Error('This browser has no IndexedDB');
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(storeName));
    await settled(opening, 'success', 'error');
    const database = opening.result;
    const transaction = database.transaction(storeName, mode);
    const request = use(transaction.objectStore(storeName));
    database.close(); // takes effect when the transaction is over
    await settled(transaction, 'complete', 'abort');
    return request.result;
  } catch (cause) {
    throw new PushClientError('storage-failed', { cause });
  }
}

function settled(work: IDBRequest | IDBTransaction, done: string, failed: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    work.addEventListener(done, resolve);
    work.addEventListener(failed, () => reject(work.error));
  });
}
