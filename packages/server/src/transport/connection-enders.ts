import { keepNewest } from '../keep-newest.ts';
import { type Lane, laneAfterEnd, narrower } from './lanes.ts';

/** For how long the end of a connection counts against a user who had a request on it. */
const SUSPECT_MS = 300_000;
/**
 * A device is beyond suspicion after so many responses in a row. One is too few: a push service may end the connection at the request
 * after the one that is the cause.
 */
const RESPONSES = 2;
/** Some 200 bytes each. A connection that ends interrupts 400 requests at most. */
const MAX_INTERRUPTED = 1_000;
/** How long nothing is sent to a user's devices for which a connection was flooded: each time may take a core for a second. */
const FLOOD_HOLD_MS = 60_000;
/** Where more users than that are concerned, it is the push service itself. */
const MAX_ENDERS = 32;

/** A device for which a connection may have ended. */
export interface EnderDevice {
  readonly userId: number;
  /** The path of its endpoint. */
  readonly path: string;
  /** That of its request. */
  readonly lane: Lane;
}

interface Interrupted {
  /** The lane of the user's next requests. */
  readonly lane: Lane;
  /** The endpoints of those devices, and how many responses each still needs. */
  readonly paths: Map<string, number>;
  readonly atMs: number;
}

/**
 * Users whose request may be the one for which a push service ended a connection. All requests on the connection end with it, and nobody
 * knows which is the cause. So the next requests of each of these users go over a connection with fewer users, until the device has had two
 * responses. After three such ends at most the user's requests go alone. If that connection ends too, the cause is found.
 */
export class ConnectionEnders {
  readonly #interrupted = new Map<number, Interrupted>();
  readonly #endedAtMs = new Map<number, number>();
  readonly #floodedAtMs = new Map<number, number>();

  /** A connection ended with a request to this device, one of so many that may be the cause. */
  interrupted(
    { userId, path, lane }: EnderDevice,
    { nowMs, suspects }: { readonly nowMs: number; readonly suspects: number },
  ): void {
    const known = this.#interrupted.get(userId);
    const before = known !== undefined && isLately(known.atMs, nowMs) ? known : undefined;
    const next = laneAfterEnd(lane, suspects);
    keepNewest(this.#interrupted, {
      key: userId,
      value: {
        lane: before === undefined ? next : narrower(before.lane, next),
        paths: (before?.paths ?? new Map<string, number>()).set(path, RESPONSES),
        atMs: nowMs,
      },
      limit: MAX_INTERRUPTED,
    });
  }

  /** A connection ended with a request of this user alone on it. */
  ended(userId: number, nowMs: number): void {
    keepNewest(this.#endedAtMs, { key: userId, value: nowMs, limit: MAX_ENDERS });
  }

  /** The same, and it ended because the push service flooded it. */
  flooded(userId: number, nowMs: number): void {
    this.ended(userId, nowMs);
    keepNewest(this.#floodedAtMs, { key: userId, value: nowMs, limit: MAX_ENDERS });
  }

  /** A response to one device says nothing of the user's other devices, for which connections may end. */
  answered({ userId, path }: Omit<EnderDevice, 'lane'>): void {
    const paths = this.#interrupted.get(userId)?.paths;
    const needed = paths?.get(path);
    if (paths === undefined || needed === undefined) return;
    if (needed > 1) paths.set(path, needed - 1);
    else paths.delete(path);
    if (paths.size === 0) this.#interrupted.delete(userId);
  }

  /** Whether connections ended lately for this user alone. */
  hasEnded(userId: number, nowMs: number): boolean {
    return isLately(this.#endedAtMs.get(userId), nowMs);
  }

  /** Whether nothing is sent to the user's devices now. */
  isHeld(userId: number, nowMs: number): boolean {
    const floodedAtMs = this.#floodedAtMs.get(userId);
    return floodedAtMs !== undefined && nowMs - floodedAtMs < FLOOD_HOLD_MS;
  }

  /** The lane of the user's next request; undefined where no connection ended lately for one. */
  laneOf(userId: number, nowMs: number): Lane | undefined {
    if (this.hasEnded(userId, nowMs)) return 'alone';
    const interrupted = this.#interrupted.get(userId);
    return isLately(interrupted?.atMs, nowMs) ? interrupted?.lane : undefined;
  }

  /** It was the push service itself. */
  clear(): void {
    this.#interrupted.clear();
    this.#endedAtMs.clear();
    this.#floodedAtMs.clear();
  }
}

function isLately(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && nowMs - atMs < SUSPECT_MS;
}
