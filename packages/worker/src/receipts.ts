import { callServer } from './call-server.ts';
import type { Envelope } from './envelope.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import { transact } from './transact.ts';
import type { StoredReceipt, WorkerRecords } from './worker-storage.ts';

const MAX_KEPT = 200;
const MAX_SENT = 100;

/**
 * Keeps a receipt, and sends those that are kept, as many as one request takes. What the server could not take waits for the next
 * event. Without a device that the server has confirmed there is nothing to report.
 *
 * Only the keeping is waited for. Chromium looks for a notification when the push event ends, and shows one of its own where the user
 * was faster than the server; WebKit ends subscriptions whose events take long.
 *
 * @param envelope the message's; null to send only
 */
export async function keepReceipt(
  deps: PushWorkerDeps,
  envelope: Envelope | null | false,
  what: Pick<StoredReceipt, 'kind' | 'action'>,
): Promise<void> {
  const records = await transact(deps, ({ device, worker }) => {
    const receipts = [...worker.receipts];
    if (envelope) {
      const { id, binding, token } = envelope;
      receipts.push({ id, binding, token, ...what, at: deps.now() });
    }
    return {
      worker: {
        ...worker,
        ...deps.memory,
        receipts: device?.confirmed ? receipts.slice(-MAX_KEPT) : [],
      },
    };
  });
  void sendReceipts(deps, records);
}

async function sendReceipts(deps: PushWorkerDeps, records: WorkerRecords | undefined): Promise<void> {
  const device = records?.device;
  const receipts = records?.worker.receipts.slice(0, MAX_SENT);
  if (!device || !receipts?.[0]) return;
  const body = JSON.stringify({
    deviceId: device.confirmed?.deviceId,
    deviceSecret: device.deviceSecret,
    receipts,
  });
  if (!(await callServer(deps, device, { path: '/receipts', method: 'POST', body }))) return;
  // By what was sent, not by how many: another event may have taken some of them out meanwhile.
  await transact(deps, ({ worker }) => ({
    worker: { ...worker, receipts: worker.receipts.filter((receipt) => !body.includes(JSON.stringify(receipt))) },
  }));
}
