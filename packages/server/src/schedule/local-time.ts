import type { Parsed } from '@belfry/protocol';

/** A time on the clocks of wherever a device is. It is kept as JSON. */
export interface LocalTime {
  /** YYYY-MM-DD; null: on the next day that the time comes. */
  readonly date: string | null;
  /** HH:MM or HH:MM:SS. */
  readonly time: string;
}

const LOCAL_TIME = /^(?:(?<date>\d{4}-\d\d-\d\d)T)?(?<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)$/v;

/** `HH:MM`, `HH:MM:SS`, or either behind `YYYY-MM-DDT`. */
export function parseLocalTime(text: string): Parsed<LocalTime, 'invalid-local-time'> {
  const { date, time } = LOCAL_TIME.exec(text)?.groups ?? {};
  if (time === undefined || (date !== undefined && !isDate(date))) return { ok: false, error: 'invalid-local-time' };
  return { ok: true, value: { date: date ?? null, time } };
}

/** `Date` reads the 30th of February as the 2nd of March. */
function isDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00Z`);
  return Number.isFinite(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
