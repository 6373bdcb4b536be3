/** As much of a pool as is needed to decide who may have connections. */
export interface LivePool {
  /** It may open connections now. */
  start(): void;
  /** Its connections must end; it has no requests. */
  stop(): void;
}

/** Lets so many pools have connections at once: the one that was used least recently, and is idle, makes room. */
export class LivePools {
  readonly #limit: number;
  readonly #busy = new Set<LivePool>();
  /** Those that became idle first are first. */
  readonly #idle = new Set<LivePool>();
  readonly #waiting = new Set<LivePool>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False where it has to wait: it is started once there is room. */
  use(pool: LivePool): boolean {
    if (this.#busy.has(pool)) return true;
    if (!this.#idle.delete(pool) && !this.#makeRoom()) {
      this.#waiting.add(pool);
      return false;
    }
    this.#waiting.delete(pool);
    this.#busy.add(pool);
    return true;
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
    if (next !== undefined && this.use(next)) next.start();
  }

  #makeRoom(): boolean {
    if (this.#busy.size + this.#idle.size < this.#limit) return true;
    const [oldest] = this.#idle;
    if (oldest === undefined) return false;
    this.#idle.delete(oldest);
    oldest.stop();
    return true;
  }
}
