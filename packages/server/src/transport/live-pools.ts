/** As much of a pool as is needed to decide who may have connections. */
export interface LivePool {
  /** Its origin has answered lately, or is a known push service. */
  readonly isProven: boolean;
  /** Its origin has failed since it was last answered. */
  readonly isFailing: boolean;
  /** It may open connections now, or must refuse what it has. */
  start(): void;
  /** Its connections must end; it has no requests. */
  stop(): void;
}

/**
 * - `live`: it may open connections
 * - `waits`: it is started once there is room
 * - `refused`: there is no place for an unproven origin now, and it does not wait for one
 */
export type PoolUse = 'live' | 'waits' | 'refused';

export interface LivePoolsOptions {
  /** Pools that have connections at once. */
  readonly limit: number;
  /** How many of them may be of unproven origins. */
  readonly unproven: number;
  /** Asked before an unproven origin gets a place. */
  mayAdmit(): boolean;
}

/**
 * Lets so many pools have connections at once: the one that was used least recently, and is idle, makes room. Unproven origins
 * have a share of the places only: hundreds of them that accept connections and never answer would otherwise hold all, and
 * everybody's messages to FCM would wait behind them.
 */
export class LivePools {
  readonly #options: LivePoolsOptions;
  readonly #busy = new Set<LivePool>();
  /** Those that became idle first are first. */
  readonly #idle = new Set<LivePool>();
  /** Of proven origins alone. */
  readonly #waiting = new Set<LivePool>();

  constructor(options: LivePoolsOptions) {
    this.#options = options;
  }

  use(pool: LivePool): PoolUse {
    if (this.#busy.has(pool)) return 'live';
    if (!this.#idle.delete(pool)) {
      if (!pool.isProven && !this.#admitUnproven(pool)) return 'refused';
      if (!this.#makeRoom()) {
        if (!pool.isProven) return 'refused';
        this.#waiting.add(pool);
        return 'waits';
      }
    }
    this.#waiting.delete(pool);
    this.#busy.add(pool);
    return 'live';
  }

  /** Whether a pool has a place, or would get one now, as far as places go. */
  hasRoomFor(pool: LivePool): boolean {
    if (pool.isProven || this.#busy.has(pool) || this.#idle.has(pool)) return true;
    return this.#hasUnprovenPlace(pool);
  }

  /** It has no requests any more, and keeps its connections as long as there is room for them. */
  idle(pool: LivePool): void {
    this.#waiting.delete(pool);
    if (!this.#busy.delete(pool)) return;
    this.#idle.add(pool);
    this.#startNext();
  }

  /** It has no connections any more. */
  gone(pool: LivePool): void {
    this.#waiting.delete(pool);
    if (this.#busy.delete(pool) || this.#idle.delete(pool)) this.#startNext();
  }

  #startNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const use = this.use(next);
    // Meanwhile it may have become unproven.
    if (use === 'refused') this.#waiting.delete(next);
    if (use !== 'waits') next.start();
  }

  /** Has a place of the unproven ones for it, if need be that of an idle one. */
  #admitUnproven(pool: LivePool): boolean {
    this.#waiting.delete(pool);
    if (!this.#hasUnprovenPlace(pool) || !this.#options.mayAdmit()) return false;
    const idle = this.#unproven(this.#idle);
    const [oldest] = idle;
    if (oldest !== undefined && this.#unproven(this.#busy).length + idle.length >= this.#options.unproven)
      this.#end(oldest);
    return true;
  }

  /** Half of these places are for those that have not failed: they would hardly come to be tried beside hundreds that fail. */
  #hasUnprovenPlace({ isFailing }: LivePool): boolean {
    const busy = this.#unproven(this.#busy);
    const failing = busy.filter((one) => one.isFailing).length;
    return busy.length < this.#options.unproven && !(isFailing && failing >= this.#options.unproven / 2);
  }

  #makeRoom(): boolean {
    if (this.#busy.size + this.#idle.size < this.#options.limit) return true;
    const [oldest] = this.#idle;
    if (oldest === undefined) return false;
    this.#end(oldest);
    return true;
  }

  #end(pool: LivePool): void {
    this.#idle.delete(pool);
    pool.stop();
  }

  /** At most as many as there are places: counted at each use, since an answer makes its origin proven. */
  #unproven(pools: ReadonlySet<LivePool>): LivePool[] {
    return [...pools].filter(({ isProven }) => !isProven);
  }
}
