import type { Parsed } from '@belfry/protocol';
import { Temporal } from 'temporal-polyfill';

/** The last instant that a Date has, in milliseconds since 1970. */
const MAX_INSTANT_MS = 8.64e15;

/**
 * Milliseconds since 1970, of a Date, of as many whole milliseconds, or of a time in ISO 8601 with `Z` or its offset from
 * UTC: one without would mean another instant on every machine.
 */
export function parseInstant(value: Date | number | string): Parsed<number, 'invalid-instant'> {
  const instantMs = typeof value === 'string' ? fromIso8601(value) : value.valueOf();
  return Number.isInteger(instantMs) && Math.abs(instantMs) <= MAX_INSTANT_MS
    ? { ok: true, value: instantMs }
    : { ok: false, error: 'invalid-instant' };
}

/** NaN where it is none. `Date.parse` would take a time without an offset, and the 30th of February. */
function fromIso8601(text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return Number.NaN;
  }
}
