import type { DeviceRecord } from './device-record.ts';
import type { PushWorkerScope } from './push-worker-scope.ts';
import type { WorkerRecord, WorkerStorage } from './worker-storage.ts';

// oxlint-disable unicorn/prefer-add-event-listener -- smaller, and nobody else listens

const STORES = ['device', 'worker'] as const;

/**
 * The browser's WorkerStorage, in the database that `client/src/device-record.ts` describes. Each call opens the database and closes it: then nobody blocks a later version.
 */
export const indexedDbStorage =
  (scope: Pick<PushWorkerScope, 'indexedDB' | 'registration'>): WorkerStorage =>
  (change) =>
    new Promise((resolve, reject) => {
      const opening = scope.indexedDB.open('belfry-push');
      opening.onerror = reject;
      opening.onupgradeneeded = () => {
        for (const name of STORES) opening.result.createObjectStore(name);
      };
      opening.onsuccess = () => {
        const database = opening.result;
        const transaction = database.transaction(STORES, change ? 'readwrite' : 'readonly');
        database.close(); // takes effect when the transaction is over
        const key = scope.registration.scope;
        const devices = transaction.objectStore('device');
        const workers = transaction.objectStore('worker');
        const device: IDBRequest<DeviceRecord | undefined> = devices.get(key);
        const worker: IDBRequest<WorkerRecord | undefined> = workers.get(key);
        worker.onsuccess = () => {
          const records = {
            device: device.result,
            worker: worker.result ?? { receipts: [], seen: [], quiet: [] },
          };
          const changed = change?.(records);
          if (changed?.device) devices.put(changed.device, key);
          if (changed?.worker) workers.put(changed.worker, key);
          transaction.oncomplete = () => resolve({ ...records, ...changed });
        };
        transaction.onabort = reject;
      };
    });
