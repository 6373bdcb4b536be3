/** When the requests of a page have ended, to tell how long one user's devices held it up. */
export class PageEnds {
  #lastUser: number | undefined;
  #lastAtMs: number;
  /** The last end of a request of any user but the last one. */
  #othersAtMs: number;

  constructor(startedAtMs: number) {
    this.#lastAtMs = startedAtMs;
    this.#othersAtMs = startedAtMs;
  }

  /** A request has ended. Returns how long ago the last request of another user ended, or the page began. */
  add(userId: number, atMs: number): number {
    if (userId !== this.#lastUser) this.#othersAtMs = this.#lastAtMs;
    this.#lastUser = userId;
    this.#lastAtMs = atMs;
    return atMs - this.#othersAtMs;
  }
}
