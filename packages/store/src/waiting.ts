/*
 * A row that waits says until when, by the wall clock. Where the clock is set back meanwhile, that time is too far away. Such a row
 * is known by the time of its writing, which lies in the future. Its delay is then counted again, from now on.
 */

/** A delivery waits so long at most, which is the longest `Retry-After` that is obeyed. */
export const LONGEST_DELAY_MS: number = 24 * 3_600_000;

/** A part of a broadcast is held back for so long at most. */
export const LONGEST_HOLD_MS = 3_600_000;

/** A message that is scheduled further ahead waits for a time of day, and not for a delay. */
export const LONGEST_SHORT_SCHEDULE_MS = 60_000;
