import type { ZoneTime } from '@belfry/store';
import { Temporal } from 'temporal-polyfill';
import type { LocalTime } from './local-time.ts';

export interface LocalTimes {
  readonly local: LocalTime;
  /** Of the devices; null: that of those that did not say theirs. */
  readonly zones: readonly (string | null)[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** IANA name that the runtime knows, for null and for the zones that it does not know. */
  readonly fallbackTimeZone: string;
}

/**
 * When a local time comes in each of the zones, from now on.
 *
 * - A time without a date: the first instant at which the clocks there show it, which may be now itself. On the night that
 *   they show it twice, that is the first of the two that has not passed. Days that a zone leaves out (Samoa's 2011-12-30)
 *   have no times.
 * - A time with a date: the first instant at which the clocks show it; now, where that has passed.
 * - A time that the clocks jump over: the instant of the jump. Temporal's own `compatible` would be late by the length of the
 *   jump: 03:30 for a 02:30 that is not there, where 03:00 is the first time that there is.
 *
 * @throws {RangeError} where the runtime does not know `fallbackTimeZone`
 */
export function zoneTimes({ local, zones, nowMs, fallbackTimeZone }: LocalTimes): ZoneTime[] {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs);
  const fallback = now.toZonedDateTimeISO(fallbackTimeZone);
  return zones.map((timeZone) => ({ timeZone, runAt: timeIn(inZone(now, timeZone) ?? fallback, local) }));
}

/** Undefined for a zone that this runtime's time zone data lacks: a browser's may be newer. */
function inZone(now: Temporal.Instant, timeZone: string | null): Temporal.ZonedDateTime | undefined {
  if (timeZone === null) return undefined;
  try {
    return now.toZonedDateTimeISO(timeZone);
  } catch {
    return undefined;
  }
}

function timeIn(now: Temporal.ZonedDateTime, { date, time }: LocalTime): number {
  const nowMs = now.epochMilliseconds;
  if (date !== null) {
    const wallTime = Temporal.PlainDate.from(date).toPlainDateTime(time);
    return Math.max(nowMs, firstInstant(wallTime, now.timeZoneId));
  }
  // From yesterday on: clocks that go back just after midnight show yesterday's last hour again.
  let day = now.toPlainDate().subtract({ days: 1 });
  for (;;) {
    const instant = instantsOn(day, time, now.timeZoneId).find((candidate) => candidate >= nowMs);
    if (instant !== undefined) return instant;
    day = day.add({ days: 1 });
  }
}

/** When the clocks show a time on a day, in milliseconds since 1970: once, twice, or never on a day that is left out. */
function instantsOn(day: Temporal.PlainDate, time: string, timeZone: string): number[] {
  if (!day.toZonedDateTime(timeZone).toPlainDate().equals(day)) return [];
  const wallTime = day.toPlainDateTime(time);
  const second = wallTime.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const instants = [firstInstant(wallTime, timeZone)];
  if (second.toPlainDateTime().equals(wallTime)) instants.push(second.epochMilliseconds);
  return instants;
}

function firstInstant(wallTime: Temporal.PlainDateTime, timeZone: string): number {
  // In a gap `earlier` reads the time with the offset behind the gap, which gives an instant shortly before the jump.
  const first = wallTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const isThere = first.toPlainDateTime().equals(wallTime);
  return ((isThere ? undefined : first.getTimeZoneTransition('next')) ?? first).epochMilliseconds;
}
