import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { WorkerRecord } from './worker-storage.ts';

const MAX_SEEN = 200;

/**
 * Whether a message came before, or is being handled just now; from here on it did. What the storage says counts when this run of the
 * worker first asks: later it is behind.
 */
export function isRepeated(deps: PushWorkerDeps, id: string, worker: WorkerRecord): boolean {
  deps.memory ??= worker;
  const found = deps.memory.seen.includes(id);
  if (!found) deps.memory.seen = [...deps.memory.seen, id].slice(-MAX_SEEN);
  return found;
}
