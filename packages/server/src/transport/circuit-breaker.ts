/**
 * How long the one request that finds out whether an origin is back keeps all others waiting; after that it counts as failed. It
 * goes on until `REQUEST_TIMEOUT_MS`, so that an origin that takes 20 s to respond is found to be back as well.
 */
export const PROBE_TIMEOUT_MS = 10_000;
/**
 * After how long without another request that request may be for an unproven device of a user whose last one had no response. What
 * meets such a request comes again within 15 s, long before the next one of that kind.
 */
export const UNCONTESTED_PROBE_MS = 60_000;

/** Consecutive failures that open it, where the origin has answered lately. */
const FAILURES = 3;
const BACK_OFF_MS = { first: 1_000, longest: 5 * 60_000 };
/**
 * The same for an origin that has not answered lately. Each attempt has one of `MAX_UNPROVEN_POOLS` places for up to 8 s: with a
 * first back-off of 1 s, 600 dead origins took all places again and again from those that had not been tried yet, and with an
 * hour at last, 5,000 take 11 of 16.
 */
const UNPROVEN_BACK_OFF_MS = { first: 30_000, longest: 3_600_000 };
/**
 * The same for an origin that has accepted a message at some time. Nobody makes up such a name, so it is asked as often as a known
 * one: with the hour, messages to WNS came 25 minutes after the end of an outage of 75 minutes, and those to FCM 7.
 */
const ACCEPTED_BACK_OFF_MS = { first: UNPROVEN_BACK_OFF_MS.first, longest: BACK_OFF_MS.longest };
/** What floods its connection is left alone for so long, though it may have answered in between. */
const FLOOD_BACK_OFF_MS = 60_000;

export interface Failure {
  /** By `Clock.elapsed`. */
  readonly nowMs: number;
  readonly isProbe: boolean;
  readonly trust: OriginTrust;
}

/**
 * - `answered`: the origin has answered lately, or is known
 * - `accepted`: it has not, and has accepted a message at some time. One failure opens
 * - `none`: one failure opens, and the back-off grows longer
 */
export type OriginTrust = 'answered' | 'accepted' | 'none';

const BACK_OFFS_MS = { answered: BACK_OFF_MS, accepted: ACCEPTED_BACK_OFF_MS, none: UNPROVEN_BACK_OFF_MS } as const;

/** For how long nothing may pass, and over what time more what waits is spread, so that it does not come all at once. */
export interface Held {
  readonly forMs: number;
  readonly spreadMs: number;
}

/**
 * Leaves an origin alone that fails again and again. All times are by `Clock.elapsed`.
 *
 * - closed: everything passes. `FAILURES` failures without an answer between them open it
 * - open: nothing passes until the back-off is over
 * - probing: one request passes, and decides: an answer closes, a failure opens for twice as long
 */
export class CircuitBreaker {
  #state: 'closed' | 'open' | 'probing' = 'closed';
  #failures = 0;
  #backOffMs = 0;
  #openUntilMs = 0;

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The present back-off; 0 where it is closed. */
  get backOffMs(): number {
    return this.#backOffMs;
  }

  /** For how long a probe could have passed, and none did. */
  dueForMs(nowMs: number): number {
    return this.#state === 'open' ? Math.max(0, nowMs - this.#openUntilMs) : 0;
  }

  /** Undefined where a request may pass now, which `passed` must be told. */
  held(nowMs: number): Held | undefined {
    switch (this.#state) {
      case 'closed':
        return undefined;
      case 'open':
        if (nowMs >= this.#openUntilMs) return undefined;
        return { forMs: this.#openUntilMs - nowMs, spreadMs: this.#backOffMs / 2 };
      case 'probing': {
        // What meets a probe waits for its result, and not for another back-off.
        const forMs = Math.min(this.#backOffMs, PROBE_TIMEOUT_MS);
        return { forMs, spreadMs: forMs / 2 };
      }
    }
  }

  /** Whether the request that passes is the probe, whose end must then be told. */
  passed(): boolean {
    if (this.#state !== 'open') return false;
    this.#state = 'probing';
    return true;
  }

  succeeded(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#backOffMs = 0;
  }

  failed({ nowMs, isProbe, trust }: Failure): void {
    this.#failures += 1;
    // Failures of requests that were on their way when it opened say nothing new.
    if (this.#state === 'closed' ? this.#failures < (trust === 'answered' ? FAILURES : 1) : !isProbe) return;
    const { first, longest } = BACK_OFFS_MS[trust];
    this.#open(nowMs, Math.min(Math.max(this.#backOffMs * 2, first), longest));
  }

  /** The origin turns out to have accepted a message at some time: a back-off that was begun without knowing that gets shorter. */
  accepted(nowMs: number): void {
    this.#backOffMs = Math.min(this.#backOffMs, ACCEPTED_BACK_OFF_MS.longest);
    this.#openUntilMs = Math.min(this.#openUntilMs, nowMs + this.#backOffMs);
  }

  /** The origin flooded a connection: one such failure opens, whatever was answered before. */
  flooded(nowMs: number): void {
    this.#open(nowMs, Math.max(this.#backOffMs, FLOOD_BACK_OFF_MS));
  }

  /** The probe was given up: the next request is one, and it is due from now on. */
  undecided(nowMs: number): void {
    if (this.#state !== 'probing') return;
    this.#state = 'open';
    this.#openUntilMs = nowMs;
  }

  #open(nowMs: number, backOffMs: number): void {
    this.#state = 'open';
    this.#backOffMs = backOffMs;
    this.#openUntilMs = nowMs + backOffMs;
  }
}
