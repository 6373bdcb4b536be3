import type { UserId } from '@belfry/store';
import type { Clock } from '../../effects.ts';

/**
 * Runs `run` as soon as fewer than `lanes` calls of the user are under way; the others wait in turn.
 *
 * @throws {UserLanesBusyError} where too many calls of the user wait already, or this one has waited for too long; `run` was not
 *   called
 */
export type UserLanes = <Result>(userId: UserId, run: () => Promise<Result>) => Promise<Result>;

export interface UserLanesOptions {
  readonly lanes: number;
  /** How many calls of one user wait. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

export class UserLanesBusyError extends Error {
  override readonly name = 'UserLanesBusyError';
}

/** Keeps one user from taking all places of a resource that all users share. */
export function createUserLanes({ lanes, maxWaiting, maxWaitMs, clock }: UserLanesOptions): UserLanes {
  /** Of users with calls under way. */
  const queues = new Map<UserId, { underWay: number; readonly waiting: Set<() => void> }>();
  return async (userId, run) => {
    const queue = queues.get(userId) ?? { underWay: 0, waiting: new Set() };
    queues.set(userId, queue);
    if (queue.underWay < lanes) queue.underWay++;
    else await wait(queue.waiting);
    try {
      return await run();
    } finally {
      // The next call takes over the lane.
      const [next] = queue.waiting;
      if (next !== undefined) next();
      else if (--queue.underWay === 0) queues.delete(userId);
    }
  };

  async function wait(waiting: Set<() => void>): Promise<void> {
    if (waiting.size >= maxWaiting) throw new UserLanesBusyError(`The user has ${maxWaiting} calls waiting already`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const go = (): void => {
      waiting.delete(go);
      resolve();
    };
    waiting.add(go);
    const cancel = clock.after(maxWaitMs, () => {
      waiting.delete(go);
      reject(new UserLanesBusyError(`The call has waited for ${maxWaitMs} ms`));
    });
    try {
      await promise;
    } finally {
      cancel();
    }
  }
}
