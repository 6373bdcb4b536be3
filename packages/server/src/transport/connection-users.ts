import type { EnderDevice } from './connection-enders.ts';

/** A push service may end or flood a connection a little after its response to the request that is the cause. */
const LATE_MS = 2_000;
/** Devices that are remembered for so long: some 100 bytes each. */
const MAX_RECENT = 32;

/**
 * The users whose requests a connection had. Where it ends or is flooded, each of these requests may be the cause, also one that has its
 * response. Without this, the next user on the connection was blamed when a push service accepted a message and flooded the connection
 * 100 ms later.
 */
export class ConnectionUsers {
  #first: { readonly userId: number | undefined } | undefined;
  #isShared = false;
  #recent: { readonly device: EnderDevice; readonly atMs: number }[] = [];

  /** It had requests of several users. */
  get isShared(): boolean {
    return this.#isShared;
  }

  /** The user of all its requests; undefined where there are several, or none. */
  get only(): number | undefined {
    return this.#isShared ? undefined : this.#first?.userId;
  }

  /** Whether it had no request of another user. */
  isFreeFor(userId: number | undefined): boolean {
    return this.#first === undefined || (!this.#isShared && this.#first.userId === userId);
  }

  /** It gets a request. */
  add({ userId, path }: { readonly userId: number | undefined; readonly path: string }, nowMs: number): void {
    if (!this.isFreeFor(userId)) this.#isShared = true;
    this.#first ??= { userId };
    if (userId === undefined) return;
    this.#recent.push({ device: { userId, path }, atMs: nowMs });
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
  }

  /** Returns the devices whose requests it had lately, and forgets them. */
  takeRecent(nowMs: number): EnderDevice[] {
    const recent = this.#recent.filter(({ atMs }) => nowMs - atMs < LATE_MS).map(({ device }) => device);
    this.#recent = [];
    return recent;
  }
}
