import { CONNECT_TIMEOUT_MS } from '../limits.ts';

/** A server that lets no further connection in is asked again after 10 s, 20 s, 40 s and so on, up to this. */
const MAX_NO_FURTHER_MS = 3_600_000;

/** Whether a server lets a further connection in beside those that are up. All times are by `Clock.elapsed`. */
export class NoFurther {
  #untilMs = 0;
  #nextMs = CONNECT_TIMEOUT_MS;

  /** Whether no further connection is asked for now. */
  holds(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** It let one in. */
  letIn(): void {
    this.#nextMs = CONNECT_TIMEOUT_MS;
  }

  /**
   * It did not let one in beside others, or it lets none in, as the other attempts will show. Attempts that were under way together count
   * once: the 19 of a busy moment over HTTP/1.1 made it an hour.
   */
  refused(nowMs: number): void {
    if (this.holds(nowMs)) return;
    this.#untilMs = nowMs + this.#nextMs;
    this.#nextMs = Math.min(2 * this.#nextMs, MAX_NO_FURTHER_MS);
  }
}
