import { topicOf } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { type NotifyOptions, type ParsedNotifyOptions, parseNotifyOptions } from './notify-options.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR_MS = 3_600_000;
const YEAR_MS = 366 * 24 * HOUR_MS;
const local = (date: string | null, time: string) => ({ kind: 'local', local: { date, time } });

function parse(options: unknown): ParsedNotifyOptions {
  return parseNotifyOptions(options, { now: NOW });
}

describe('options', () => {
  test.each([undefined, null, {}])('%j have defaults', (options) => {
    expect(parse(options)).toEqual({
      ttl: 28 * 24 * 3600,
      at: { kind: 'now' },
      expiresAtMs: null,
      idempotencyKey: null,
      devicesPerSecond: null,
    });
  });

  test('are kept as JSON without a loss', () => {
    const parsed = parse({
      ttl: 0,
      urgency: 'high',
      collapseKey: 'score',
      at: { local: '09:00' },
      expiresAt: new Date(NOW + HOUR_MS),
      idempotencyKey: 'Überweisung 4821 \u{1f514}',
      devicesPerSecond: 2.5,
    });
    expect(parsed).toEqual({
      ttl: 0,
      urgency: 'high',
      topic: topicOf('score'),
      collapseKey: 'score',
      at: local(null, '09:00'),
      expiresAtMs: NOW + HOUR_MS,
      idempotencyKey: 'Überweisung 4821 \u{1f514}',
      devicesPerSecond: 2.5,
    });
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  test.each<[string, NotifyOptions['at'], object]>([
    ['a Date', new Date(NOW + HOUR_MS), { kind: 'at', timeMs: NOW + HOUR_MS }],
    ['milliseconds', NOW + 1, { kind: 'at', timeMs: NOW + 1 }],
    ['ISO 8601 in UTC', '2026-11-22T13:00:00Z', { kind: 'at', timeMs: NOW + HOUR_MS }],
    ['ISO 8601 with an offset', '2026-11-22T14:00+01:00', { kind: 'at', timeMs: NOW + HOUR_MS }],
    ['366 days', NOW + YEAR_MS, { kind: 'at', timeMs: NOW + YEAR_MS }],
    ['now', NOW, { kind: 'now' }],
    ['the past', '1999-12-31T23:59:59.999Z', { kind: 'now' }],
    ['a local time', { local: '23:59' }, local(null, '23:59')],
    ['a local time with seconds', { local: '00:00:59' }, local(null, '00:00:59')],
    ['a local date and time', { local: '2026-12-24T18:00' }, local('2026-12-24', '18:00')],
    ['a local date and time with seconds', { local: '2026-12-24T18:00:30' }, local('2026-12-24', '18:00:30')],
    ['a local date that has passed', { local: '2024-02-29T09:00' }, local('2024-02-29', '09:00')],
    ['366 days in Kiritimati', { local: '2027-11-24T02:00' }, local('2027-11-24', '02:00')],
  ])('at: %s', (_what, at, parsed) => {
    expect(parse({ at }).at).toEqual(parsed);
  });

  test.each<[string, NotifyOptions, number]>([
    ['a Date', { expiresAt: new Date(NOW + 1) }, NOW + 1],
    ['milliseconds', { expiresAt: NOW + 1 }, NOW + 1],
    ['ISO 8601', { expiresAt: '2026-11-22T14:30:00+01:30' }, NOW + HOUR_MS],
    ['after an at', { at: NOW + HOUR_MS, expiresAt: NOW + HOUR_MS + 1 }, NOW + HOUR_MS + 1],
    ['after a past at', { at: NOW - HOUR_MS, expiresAt: NOW + 1 }, NOW + 1],
    // In Kiritimati it is 18:00 fourteen hours before that.
    ['within a local at', { at: { local: '2026-12-24T18:00' }, expiresAt: '2026-12-24T04:00:01Z' }, 1_798_084_801_000],
  ])('expiresAt: %s', (_what, options, expiresAtMs) => {
    expect(parse(options).expiresAtMs).toBe(expiresAtMs);
  });

  test('foreground is kept where it is not what a worker does by itself', () => {
    const kept = ([undefined, 'page', 'notification', 'both'] as const).map((foreground) => parse({ foreground }));
    expect(kept.map((options) => Object.hasOwn(options, 'foreground'))).toEqual([false, false, true, true]);
    expect(kept.map(({ foreground }) => foreground)).toEqual([undefined, undefined, 'notification', 'both']);
  });

  test.each([1, 2.5, 1e6])('devicesPerSecond: %d', (devicesPerSecond) => {
    expect(parse({ devicesPerSecond })).toMatchObject({ devicesPerSecond });
  });
});

describe('an option is refused by its name:', () => {
  const when = 'must be a Date, milliseconds since 1970, or a time in ISO 8601 with Z or an offset';
  const printable = 'must be 1 to 256 printable characters';
  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown one', { tll: 5 }, 'tll: no such field'],
    ['a ttl beyond all time', { ttl: 1e13 }, 'ttl: expected whole seconds, from 0 to 2147483647'],
    [
      'a collapseKey of too many bytes',
      { collapseKey: '通'.repeat(1000) },
      'collapseKey: must be at most 2048 bytes in UTF-8',
    ],
    ['an empty collapseKey', { collapseKey: '' }, 'collapseKey: must be 1 to 1000 characters'],
    ['a time without an offset', { at: '2026-11-22T13:00:00' }, `at: ${when}`],
    ['a date', { at: '2026-11-23' }, `at: ${when}`],
    ['a day that there is not', { at: '2027-02-29T13:00:00Z' }, `at: ${when}`],
    ['no time at all', { at: 'tomorrow' }, `at: ${when}`],
    ['an invalid Date', { at: new Date('tomorrow') }, `at: ${when}`],
    ['NaN', { at: Number.NaN }, `at: ${when}`],
    ['half a millisecond', { at: NOW + 0.5 }, `at: ${when}`],
    ['a time after all Dates', { at: 1e17 }, `at: ${when}`],
    ['null', { at: null }, `at: ${when}`],
    ['a local time that is none', { at: { local: '24:00' } }, `at: ${when}`],
    ['a local time of one digit', { at: { local: '9:00' } }, `at: ${when}`],
    ['a local time with an offset', { at: { local: '09:00Z' } }, `at: ${when}`],
    ['a local day that there is not', { at: { local: '2027-02-29T09:00' } }, `at: ${when}`],
    ['a local month that there is not', { at: { local: '2027-13-01T09:00' } }, `at: ${when}`],
    ['a local time that is a number', { at: { local: 9 } }, `at: ${when}`],
    ['a local time and a zone', { at: { local: '09:00', timeZone: 'UTC' } }, `at: ${when}`],
    ['a time in two years', { at: NOW + YEAR_MS + 1 }, 'at: must be within 366 days from now'],
    ['a local time in two years', { at: { local: '2027-11-24T02:01' } }, 'at: must be within 366 days from now'],
    ['an end that is now', { expiresAt: NOW }, 'expiresAt: must lie after now, and after `at`'],
    ['an end in the past', { expiresAt: 0 }, 'expiresAt: must lie after now, and after `at`'],
    [
      'an end at the start',
      { at: NOW + HOUR_MS, expiresAt: NOW + HOUR_MS },
      'expiresAt: must lie after now, and after `at`',
    ],
    [
      'an end before the time comes anywhere',
      { at: { local: '2026-12-24T18:00' }, expiresAt: '2026-12-24T04:00:00Z' },
      'expiresAt: must lie after now, and after `at`',
    ],
    ['an end without an offset', { expiresAt: '2027-01-01T00:00' }, `expiresAt: ${when}`],
    ['a local end', { expiresAt: { local: '09:00' } }, `expiresAt: ${when}`],
    ['an empty idempotencyKey', { idempotencyKey: '' }, `idempotencyKey: ${printable}`],
    ['257 characters', { idempotencyKey: 'k'.repeat(257) }, `idempotencyKey: ${printable}`],
    ['a line', { idempotencyKey: 'key\n' }, `idempotencyKey: ${printable}`],
    ['half a character', { idempotencyKey: '\ud83d' }, `idempotencyKey: ${printable}`],
    ['no devices', { devicesPerSecond: 0 }, 'devicesPerSecond: must be at least 1'],
    ['more devices than a million', { devicesPerSecond: 1e6 + 1 }, 'devicesPerSecond: must be at most 1000000'],
    ['endless devices', { devicesPerSecond: Number.POSITIVE_INFINITY }, 'devicesPerSecond: must be at most 1000000'],
    [
      'a foreground that there is not',
      { foreground: 'tab' },
      'foreground: expected ("page" | "notification" | "both")',
    ],
    ['devices that are no number', { devicesPerSecond: '5' }, 'devicesPerSecond: expected number'],
  ])('%s', (_what, options, rule) => {
    expect(() => parse(options)).toThrow(
      expect.objectContaining({ id: 'invalid-notify-options', status: 400, message: expect.stringContaining(rule) }),
    );
  });
});
