import type { DeviceRecord } from './device-record.ts';
import type { WorkerRecords, WorkerStorage } from './worker-storage.ts';

export const SCOPE = 'https://app.example/app/';

/** A device that is on; messages for it have the binding `b1`. */
export const DEVICE: DeviceRecord = {
  api: 'https://app.example/api/push',
  deviceSecret: 'secret-1',
  intent: 'on',
  user: 'ada',
  token: null,
  confirmed: { deviceId: 'd1', binding: 'b1', endpoint: 'https://push.example/1', vapidPublicKey: 'key-1' },
  leaving: [],
};

/** `full`: it can be read. */
export type StorageState = 'works' | 'full' | 'fails' | 'hangs';

/** IndexedDB's two records, in memory. */
export interface FakeStorage {
  readonly transact: WorkerStorage;
  records: WorkerRecords;
  state: StorageState;
}

export function fakeStorage(device: DeviceRecord | undefined): FakeStorage {
  const fake: FakeStorage = {
    records: { device, worker: { receipts: [], seen: [], quiet: [] } },
    state: 'works',
    async transact(change) {
      if (fake.state === 'hangs') await new Promise(() => {});
      if (fake.state === 'fails') throw new DOMException('Internal error', 'UnknownError');
      const records = structuredClone(fake.records);
      const changed = change?.(records);
      if (changed && fake.state === 'full') throw new DOMException('The disk is full', 'QuotaExceededError');
      fake.records = structuredClone({
        device: changed?.device ?? fake.records.device,
        worker: changed?.worker ?? fake.records.worker,
      });
      return structuredClone({ ...records, ...changed });
    },
  };
  return fake;
}
