import { expect, test } from 'vitest';
import { parseTopic } from './topic.ts';
import { parseTtl, toTtl } from './ttl.ts';
import { parseUrgency } from './urgency.ts';

test('a TTL is a whole number of seconds, and must be there', () => {
  expect(parseTtl('0')).toEqual({ ok: true, value: 0 });
  expect(parseTtl('2419200')).toEqual({ ok: true, value: 2_419_200 });
  expect(parseTtl(undefined)).toEqual({ ok: false, error: 'missing-ttl' });
  for (const text of ['', '-1', '1.5', '1e3', 'abc', ' 1', '12345678901']) {
    expect(parseTtl(text)).toEqual({ ok: false, error: 'invalid-ttl' });
  }
  for (const seconds of [-1, 1.5, 2 ** 31, 1e13, Number.NaN, Number.POSITIVE_INFINITY])
    expect(toTtl(seconds).ok).toBe(false);
});

test('a topic is 1 to 32 characters of base64url', () => {
  expect(parseTopic('a'.repeat(32)).ok).toBe(true);
  for (const text of ['', 'a'.repeat(33), 'a b', 'a+b', 'ü']) expect(parseTopic(text).ok).toBe(false);
});

test('an urgency is one of four words', () => {
  expect(parseUrgency('very-low')).toEqual({ ok: true, value: 'very-low' });
  for (const text of ['', 'urgent', 'High', 'low, high']) expect(parseUrgency(text).ok).toBe(false);
});
