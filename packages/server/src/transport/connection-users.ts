import type { EnderDevice } from './connection-enders.ts';

/** A push service may end or flood a connection a little after its response to the request that is the cause. */
const LATE_MS = 2_000;
/** Devices that are remembered for so long: some 100 bytes each. */
const MAX_RECENT = 32;
/** More users than that are not counted. */
const MAX_USERS = 64;

/**
 * The users whose requests a connection had. Where it ends or is flooded, each of these requests may be the cause, also one that has its
 * response. Without this, the next user on the connection was blamed when a push service accepted a message and flooded the connection
 * 100 ms later.
 */
export class ConnectionUsers {
  readonly #users = new Set<number | undefined>();
  #suspects: number | undefined;
  #recent: { readonly device: EnderDevice; readonly atMs: number }[] = [];

  /** It had requests of several users. */
  get isShared(): boolean {
    return this.#users.size > 1;
  }

  /** The user of all its requests; undefined where there are several, or none. */
  get only(): number | undefined {
    return this.isShared ? undefined : [...this.#users][0];
  }

  /** Whether it would have had requests of no more than `most` users, at most 64, with one of this user. */
  isFreeFor(userId: number | undefined, most: number): boolean {
    return this.#users.size < most || (this.#users.size === most && this.#users.has(userId));
  }

  /** It gets a request. */
  add(
    { userId, path, lane }: Omit<EnderDevice, 'userId'> & { readonly userId: number | undefined },
    nowMs: number,
  ): void {
    if (this.#users.size < MAX_USERS) this.#users.add(userId);
    if (userId === undefined) return;
    this.#recent.push({ device: { userId, path, lane }, atMs: nowMs });
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
  }

  /**
   * It has ended, or was flooded.
   *
   * @returns how many users may be the cause, and, the first time, the devices to which it had requests lately
   */
  takeSuspects(nowMs: number): { readonly devices: EnderDevice[]; readonly suspects: number } {
    const devices = this.#recent.filter(({ atMs }) => nowMs - atMs < LATE_MS).map(({ device }) => device);
    this.#recent = [];
    this.#suspects ??= Math.max(new Set(devices.map(({ userId }) => userId)).size, this.isShared ? 2 : 1);
    return { devices, suspects: this.#suspects };
  }
}
