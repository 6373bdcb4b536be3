import { attempt } from './attempt.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { WorkerRecords, WorkerStorage } from './worker-storage.ts';

/** `WorkerStorage`; undefined where the storage fails or hangs. */
export const transact = (
  deps: PushWorkerDeps,
  change?: Parameters<WorkerStorage>[0],
): Promise<WorkerRecords | undefined> => attempt(deps, 'storage', deps.storage(change));
