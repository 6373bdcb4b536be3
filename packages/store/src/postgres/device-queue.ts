import { StoreError } from '../errors.ts';

/**
 * Runs `run` behind every earlier call with the same key, and in one of the lanes.
 *
 * @throws {StoreError} `store-busy` at once, where too many calls wait already; `run` was not called
 */
export type DeviceQueue = <Result>(key: string, run: () => Promise<Result>) => Promise<Result>;

interface DeviceQueueOptions {
  /** How many calls run at once. */
  readonly lanes: number;
  /** How many calls with one key wait for each other. */
  readonly maxWaitingForKey?: number;
  /** How many keys wait for a lane. */
  readonly maxWaitingForLane?: number;
}

/** A save takes some milliseconds, so the last of these waits for some seconds. Only calls of the same user are before it. */
const MAX_WAITING_FOR_KEY = 1_000;
const MAX_WAITING_FOR_LANE = 10_000;

/**
 * The queue in front of the transactions that change devices. They wait for locks of each other, and who waits for a lock
 * occupies a connection. Without the queue, 50 requests of one user occupied all ten, and the messages of all other users waited
 * for up to 18 s. With it, one user occupies one connection, and all users together leave the rest for messages.
 */
export function createDeviceQueue({
  lanes,
  maxWaitingForKey = MAX_WAITING_FOR_KEY,
  maxWaitingForLane = MAX_WAITING_FOR_LANE,
}: DeviceQueueOptions): DeviceQueue {
  // A key is here while a call with it runs or waits for a lane; the calls behind that one are its value.
  const waitingForKey = new Map<string, (() => void)[]>();
  const waitingForLane: (() => void)[] = [];
  let freeLanes = lanes;

  return async (key, run) => {
    await takeKey(key);
    try {
      await takeLane();
      try {
        return await run();
      } finally {
        const next = waitingForLane.shift();
        if (next) next();
        else freeLanes++;
      }
    } finally {
      const next = waitingForKey.get(key)?.shift();
      if (next) next();
      else waitingForKey.delete(key);
    }
  };

  async function takeKey(key: string): Promise<void> {
    const waiting = waitingForKey.get(key);
    if (waiting === undefined) waitingForKey.set(key, []);
    else await wait(waiting, maxWaitingForKey);
  }

  async function takeLane(): Promise<void> {
    if (freeLanes > 0) freeLanes--;
    else await wait(waitingForLane, maxWaitingForLane);
  }
}

async function wait(waiting: (() => void)[], max: number): Promise<void> {
  if (waiting.length >= max)
    throw new StoreError('store-busy', `The store has ${max} calls of this kind waiting already`);
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  await promise;
}
