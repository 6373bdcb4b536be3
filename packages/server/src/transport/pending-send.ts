import type { PushRequest } from '@belfry/protocol';
import type { Lane } from './lanes.ts';
import type { QueueEntry } from './linked-queue.ts';
import type { PushAnswer, PushPriority, UnpreparedRequest } from './push-transport.ts';

/** One `send`, from the queue to its answer. */
export interface PendingSend extends QueueEntry<PendingSend> {
  request: PushRequest | UnpreparedRequest;
  readonly priority: PushPriority;
  /** See `SendOptions`. */
  readonly flow: number;
  /** See `SendOptions`. */
  readonly userId: number | undefined;
  /** See `SendOptions`. */
  readonly hasAccepted: boolean;
  /** See `SendOptions`. */
  readonly startBy: number;
  /** See `SendOptions`. */
  readonly endsAt: number;
  /** See `SendOptions`. */
  readonly isWithdrawn: (() => boolean) | undefined;
  /** Called once. */
  readonly settle: (answer: PushAnswer) => void;
  /** Called in its place, with why the request could not be prepared. */
  readonly fail: (error: unknown) => void;
  /**
   * - `preparing`: its request is being made; it has its place already
   * - `returned`: its connection gave it back unprocessed, and it still has its place there
   */
  state: 'waiting' | 'preparing' | 'sending' | 'returned' | 'settled';
  /** While it is `waiting`: too many requests of its user are in flight. */
  isParked: boolean;
  /** While it is `sending`: ends the request. */
  end: () => void;
  /** The lane whose connections it is sent over. */
  lane: Lane;
  /** When it began, the user's last request had failed, or the user's requests went alone. */
  isAfterFailure: boolean;
  /** Its end decides whether the origin is left alone any longer. */
  isProbe: boolean;
  isTimedOut: boolean;
  /** When it was last put on a connection, by `Clock.elapsed`. */
  startedAtMs: number;
  /** Its number among all that began. */
  number: number;
  /** How often a connection gave it back unprocessed. */
  returned: number;
}

export function pendingSend(
  send: Pick<
    PendingSend,
    | 'request'
    | 'priority'
    | 'flow'
    | 'userId'
    | 'hasAccepted'
    | 'startBy'
    | 'endsAt'
    | 'isWithdrawn'
    | 'settle'
    | 'fail'
  >,
): PendingSend {
  return {
    ...send,
    state: 'waiting',
    isParked: false,
    end() {},
    lane: 'proven',
    isAfterFailure: false,
    isProbe: false,
    isTimedOut: false,
    startedAtMs: 0,
    number: 0,
    returned: 0,
    previous: undefined,
    next: undefined,
  };
}

/** The answer to what must not begin any more; undefined where it may. `nowMs` is by `Clock.elapsed`. */
export function notToBegin({ startBy, endsAt, isWithdrawn }: PendingSend, nowMs: number): PushAnswer | undefined {
  if (isWithdrawn?.() === true) return { kind: 'not-sent', reason: 'withdrawn' };
  if (nowMs >= endsAt) return { kind: 'not-sent', reason: 'expired' };
  return nowMs > startBy ? { kind: 'not-sent', reason: 'too-late' } : undefined;
}

/** The path of a request that was sent. */
export function pathOf({ request }: PendingSend): string {
  return 'path' in request ? request.path : '';
}
