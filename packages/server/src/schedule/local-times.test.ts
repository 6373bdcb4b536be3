import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { type LocalTime, parseLocalTime } from './local-time.ts';
import { zoneTimes } from './local-times.ts';

function localTime(text: string): LocalTime {
  const local = parseLocalTime(text);
  if (!local.ok) throw new Error(`${text} is no local time`);
  return local.value;
}

interface Request {
  readonly local: string;
  readonly zone: string | null;
  readonly now: string | number;
}

function runAt({ local, zone, now }: Request): number {
  const request = { local: localTime(local), zones: [zone], fallbackTimeZone: 'Europe/Rome' };
  const [time] = zoneTimes({ ...request, nowMs: typeof now === 'string' ? Date.parse(now) : now });
  return time?.runAt ?? Number.NaN;
}

type Row = readonly [zone: string, local: string, now: string, due: string, why: string];

const ordinary: readonly Row[] = [
  ['Europe/Rome', '09:00', '2026-07-01T06:59:59.999Z', '2026-07-01T07:00Z', 'later today'],
  ['Europe/Rome', '09:00', '2026-07-01T07:00:00.000Z', '2026-07-01T07:00Z', 'just now'],
  ['Europe/Rome', '09:00', '2026-07-01T07:00:00.001Z', '2026-07-02T07:00Z', 'tomorrow'],
  ['Europe/Rome', '09:00:30', '2026-07-01T07:00:00Z', '2026-07-01T07:00:30Z', 'to the second'],
  ['Europe/Rome', '00:30', '2026-06-30T22:15:00Z', '2026-06-30T22:30Z', 'where it is tomorrow already'],
  ['Asia/Kathmandu', '09:00', '2026-07-01T00:00Z', '2026-07-01T03:15Z', 'at UTC+5:45'],
  ['Pacific/Kiritimati', '09:00', '2026-07-01T00:00Z', '2026-07-01T19:00Z', 'on the day ahead'],
  ['Pacific/Pago_Pago', '09:00', '2026-07-01T00:00Z', '2026-07-01T20:00Z', 'on the day behind'],
  ['Europe/Rome', '2026-12-24T18:00', '2026-07-01T00:00Z', '2026-12-24T17:00Z', 'on its day'],
  ['Pacific/Kiritimati', '2026-12-24T18:00', '2026-07-01T00:00Z', '2026-12-24T04:00Z', 'first of all'],
  ['Pacific/Pago_Pago', '2026-12-24T18:00', '2026-07-01T00:00Z', '2026-12-25T05:00Z', 'last of all'],
  ['Europe/Rome', '2026-12-24T18:00', '2026-12-24T17:00:00.001Z', '2026-12-24T17:00:00.001Z', 'passed there: now'],
  ['America/New_York', '2026-12-24T18:00', '2026-12-24T17:00:00.001Z', '2026-12-24T23:00Z', 'still to come there'],
];

const skipped: readonly Row[] = [
  ['Europe/Rome', '02:30', '2026-03-28T12:00Z', '2026-03-29T01:00Z', 'is the jump, at 03:00'],
  ['Europe/Rome', '02:00', '2026-03-28T12:00Z', '2026-03-29T01:00Z', 'is the jump, from its first second'],
  ['Europe/Rome', '02:59:59', '2026-03-29T01:00Z', '2026-03-29T01:00Z', 'is the jump, which is now'],
  ['Europe/Rome', '02:30', '2026-03-29T01:00:00.001Z', '2026-03-30T00:30Z', 'has passed, so it is tomorrow'],
  ['Europe/Rome', '03:00', '2026-03-28T12:00Z', '2026-03-29T01:00Z', 'is there, right behind the jump'],
  ['America/New_York', '02:30', '2026-03-08T05:00Z', '2026-03-08T07:00Z', 'is the jump, at 03:00'],
  ['Australia/Lord_Howe', '02:15', '2026-10-03T00:00Z', '2026-10-03T15:30Z', 'is a jump of half an hour'],
  ['Africa/Cairo', '00:30', '2026-04-23T12:00Z', '2026-04-23T22:00Z', 'is the jump at midnight'],
  ['America/St_Johns', '00:30', '2010-03-14T00:00Z', '2010-03-14T03:31Z', 'is the jump at 00:01'],
  ['Europe/Rome', '2026-03-29T02:30', '2026-01-01T00:00Z', '2026-03-29T01:00Z', 'with a date is the jump'],
  ['Pacific/Apia', '10:00', '2011-12-30T02:00Z', '2011-12-30T20:00Z', 'on a day left out is on the day behind it'],
  ['Pacific/Apia', '2011-12-30T10:00', '2011-12-01T00:00Z', '2011-12-30T10:00Z', 'with a date left out is the jump'],
];

const doubled: readonly Row[] = [
  ['Europe/Rome', '02:30', '2026-10-24T12:00Z', '2026-10-25T00:30Z', 'is the first'],
  ['Europe/Rome', '02:30', '2026-10-25T00:30:00.001Z', '2026-10-25T01:30Z', 'is the second, once the first has passed'],
  ['Europe/Rome', '02:30', '2026-10-25T01:30:00.001Z', '2026-10-26T01:30Z', 'is tomorrow, once both have'],
  ['Europe/Rome', '03:00', '2026-10-24T12:00Z', '2026-10-25T02:00Z', 'is not the end of the hour, which comes once'],
  ['America/New_York', '01:30', '2026-11-01T04:00Z', '2026-11-01T05:30Z', 'is the first'],
  ['Australia/Lord_Howe', '01:45', '2026-04-04T12:00Z', '2026-04-04T14:45Z', 'is the first of half an hour'],
  ['Africa/Casablanca', '02:30', '2026-02-14T12:00Z', '2026-02-15T01:30Z', 'is the first, before Ramadan'],
  ['America/St_Johns', '23:40', '2010-11-07T02:30:30Z', '2010-11-07T03:10Z', 'is yesterday once more'],
  ['Europe/Rome', '2026-10-25T02:30', '2026-01-01T00:00Z', '2026-10-25T00:30Z', 'with a date is the first'],
  ['Europe/Rome', '2026-10-25T02:30', '2026-10-25T01:00Z', '2026-10-25T01:00Z', 'with a date is now, after the first'],
];

describe.each([
  ['a time', ordinary],
  ['a time that is skipped', skipped],
  ['a time that comes twice', doubled],
])('%s', (_what, rows) => {
  test.each(rows)('%s %s, at %s, is due %s: %s', (zone, local, now, due) => {
    expect(new Date(runAt({ local, zone, now })).toISOString()).toBe(new Date(due).toISOString());
  });
});

describe('the zones', () => {
  test('are answered each under its name, unknown ones and none with the time of the fallback', () => {
    const zones = ['Asia/Tokyo', null, 'Mars/Olympus_Mons', 'UTC', '', 'Europe/Kyiv'];
    const nowMs = Date.parse('2026-07-01T00:00Z');
    const at = (time: string) => Date.parse(`2026-07-01T${time}Z`);
    expect(zoneTimes({ local: localTime('12:00'), zones, nowMs, fallbackTimeZone: 'America/New_York' })).toEqual([
      { timeZone: 'Asia/Tokyo', runAt: at('03:00') },
      { timeZone: null, runAt: at('16:00') },
      { timeZone: 'Mars/Olympus_Mons', runAt: at('16:00') },
      { timeZone: 'UTC', runAt: at('12:00') },
      { timeZone: '', runAt: at('16:00') },
      { timeZone: 'Europe/Kyiv', runAt: at('09:00') },
    ]);
  });

  test('may be none, but the fallback must be one', () => {
    const request = { local: localTime('12:00'), zones: [], nowMs: 0 };
    expect(zoneTimes({ ...request, fallbackTimeZone: 'UTC' })).toEqual([]);
    expect(() => zoneTimes({ ...request, fallbackTimeZone: 'Mars/Olympus_Mons' })).toThrow(RangeError);
  });
});

const MINUTE_MS = 60_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** `2026-07-01 09:00`: what the clocks show, in the words of Intl. */
function shown(instantMs: number, zone: string): string {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(zone, clock);
  return clock.format(instantMs);
}

/** The time is shown in this minute, or the clocks jump over it to this minute, on a day that there is. */
function isDueIn(minuteMs: number, { zone, local }: Pick<Request, 'local'> & { readonly zone: string }): boolean {
  const [before, after] = [shown(minuteMs - MINUTE_MS, zone), shown(minuteMs, zone)];
  return (
    after.endsWith(local) ||
    [before, after].map((time) => `${time.slice(0, 11)}${local}`).some((time) => before < time && time < after)
  );
}

const two = (part: number) => String(part).padStart(2, '0');
const timeOf = (minuteOfDay: number) => `${two(Math.floor(minuteOfDay / 60) % 24)}:${two(minuteOfDay % 60)}`;

const anyZone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
// Since 1980 no zone is off by seconds, so whole minutes are enough.
const anyMinute = fc.integer({ min: Date.UTC(1980) / MINUTE_MS, max: Date.UTC(2040) / MINUTE_MS });
const anyRequest = fc
  .tuple(anyZone, anyMinute, fc.nat({ max: 1439 }))
  .map(([zone, minute, time]) => ({ zone, now: minute * MINUTE_MS, local: timeOf(time) }));

/** A day, an hour or a minute around one of the zone's changes of offset, and a time around the one of the change. */
const requestAtChange = fc
  .tuple(anyZone, anyMinute, fc.integer({ min: -1500, max: 90 }), fc.integer({ min: -90, max: 90 }))
  .map(([zone, minute, nowOffset, timeOffset]) => {
    const start = Temporal.Instant.fromEpochMilliseconds(minute * MINUTE_MS).toZonedDateTimeISO(zone);
    const change = start.getTimeZoneTransition('next') ?? start;
    const time = change.hour * 60 + change.minute + timeOffset + 1440;
    return { zone, now: change.epochMilliseconds + nowOffset * MINUTE_MS, local: timeOf(time) };
  });

test.each([
  ['any time', anyRequest],
  ['a time around a change of offset', requestAtChange],
])('%s is due in the first minute from now on that shows it, or that the clocks jump over it to', (_what, requests) => {
  fc.assert(
    fc.property(requests, (request) => {
      let minuteMs = request.now;
      while (!isDueIn(minuteMs, request)) minuteMs += MINUTE_MS;
      expect(new Date(runAt(request)).toISOString()).toBe(new Date(minuteMs).toISOString());
    }),
    { numRuns: 300 },
  );
});
