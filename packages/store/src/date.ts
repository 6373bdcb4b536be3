/** Times are milliseconds since 1970. */
export interface CheckDate {
  readonly now: number;
  /** By a clock that nobody sets: `Clock.steadyNow` of the server. Null at the start of a process. A store with a clock of its own asks that. */
  readonly steadyNow: number | null;
  /** A person says that the date is right. What was written on a later date counts as written now. */
  readonly isConfirmed: boolean;
}

/**
 * Whether the date can be what it says. `jumped`: it is more than {@link LONGEST_GAP_MS} behind the last that the store trusted.
 * Then nothing is old enough to be deleted, until the date is right again, or a person says that it is. `behind`: it is as much before
 * that one. So that one was wrong, or the date is: rows of then seem to be young for as long, until a person says that the date is right.
 */
export interface DateCheck {
  readonly kind: 'trusted' | 'jumped' | 'behind';
  /** The last date that the store trusted, before this call. */
  readonly trustedAt: number;
  /** The date, by the clock that the store asks. */
  readonly now: number;
  /** What `steadyNow` is from now on: `now`, or where the date jumped, what it would be without the jump. */
  readonly steadyNow: number;
}

/** A server may be off for so long, and its clock be set by so much, before somebody has to confirm the date. */
export const LONGEST_GAP_MS: number = 2 * 24 * 3_600_000;

/** Nobody knows how much of a longer time between two runs was real, so no device is given up for it. */
export const LONGEST_KNOWN_GAP_MS: number = 24 * 3_600_000;
