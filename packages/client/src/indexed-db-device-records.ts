import { DATABASE_NAME, type DeviceRecord, type DeviceRecordStore, OBJECT_STORES } from './device-record.ts';
import { PushClientError } from './push-client-error.ts';

/** The browser's DeviceRecordStore. Each call opens the database and closes it: then no tab blocks a later version. */
export function indexedDbDeviceRecords(factory: () => IDBFactory): DeviceRecordStore {
  return {
    get: (scope) => transact(factory, scope),
    // Readwrite transactions on one store run one after another, across tabs too: no Web Lock is needed around this.
    update: (scope, change) => transact(factory, scope, change),
  };
}

/** Answers the record as it is once the transaction is complete. */
async function transact(
  factory: () => IDBFactory,
  scope: string,
  change?: (record: DeviceRecord | null) => DeviceRecord | null,
): Promise<DeviceRecord | null> {
  try {
    const opening = factory().open(DATABASE_NAME);
    opening.addEventListener('upgradeneeded', () => {
      for (const store of OBJECT_STORES) opening.result.createObjectStore(store);
    });
    await settled(opening, 'success', 'error');
    const database = opening.result;
    const transaction = database.transaction(OBJECT_STORES[0], change ? 'readwrite' : 'readonly');
    const store = transaction.objectStore(OBJECT_STORES[0]);
    const request: IDBRequest<DeviceRecord | undefined> = store.get(scope);
    let record: DeviceRecord | null = null;
    request.addEventListener('success', () => {
      record = request.result ?? null;
      const changed = change?.(record);
      if (changed) store.put((record = changed), scope);
    });
    database.close(); // takes effect when the transaction is over
    await settled(transaction, 'complete', 'abort');
    return record;
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
