import { expect, test } from 'vitest';
import type { Refusal } from '../endpoint/refusal.ts';
import { fcm } from './fcm.ts';
import { ACCEPTED, pushHead, REFUSALS } from './push-head.test-data.ts';

const rows: readonly (readonly [Refusal, number, RegExp])[] = [
  ['missing-ttl', 400, /<TITLE>InvalidTtlParameter<\/TITLE>/],
  ['invalid-ttl', 400, /<TITLE>InvalidTtlParameter<\/TITLE>/],
  ['invalid-topic', 400, /topic/],
  ['invalid-encoding', 400, /encoding/],
  ['vapid-missing', 401, /authorization header must be specified/],
  ['vapid-malformed', 403, /invalid JWT provided/],
  ['vapid-key-mismatch', 403, /do not correspond to the credentials used to create the subscriptions\.\n$/],
  ['vapid-bad-signature', 403, /invalid JWT provided/],
  ['vapid-wrong-audience', 403, /aud claim/],
  ['vapid-expired', 403, /invalid JWT provided/],
  ['vapid-lives-too-long', 403, /invalid JWT provided/],
  ['unknown-url', 404, /valid push subscription endpoint/],
  ['method-not-allowed', 405, /./],
  ['unregistered', 410, /^push subscription has unsubscribed or expired\.\n$/],
  ['body-too-large', 413, /./],
  ['misdirected', 421, /./],
  ['too-many-pushes', 429, /./],
  ['too-many-pending', 429, /./],
  ['unavailable', 503, /./],
  ['internal-error', 500, /./],
];

test.each(rows)('%s is %i, explained in text', (refusal, status, body) => {
  const answer = fcm.refused({ refusal });
  expect(answer).toMatchObject({ status, body: expect.stringMatching(body) });
  expect(answer.headers['content-type']).toMatch(/^text\/(html|plain); charset=utf-8$/i);
  expect(answer.headers['retry-after']).toBeUndefined();
});

test('the table has every refusal', () => expect(new Set(rows.map(([refusal]) => refusal)).size).toBe(REFUSALS));

test('too many pushes say when to come again', () => {
  expect(fcm.refused({ refusal: 'too-many-pushes', retryAfterSeconds: 45 }).headers['retry-after']).toBe('45');
});

test('an accepted push is 201, with the Location of its message', () => {
  expect(fcm.accepted(ACCEPTED)).toEqual({
    status: 201,
    headers: { location: ACCEPTED.location, ttl: '60', 'content-length': '0' },
  });
});

test('messages are kept for 28 days, bodies have 4096 bytes, and there are no receipts', () => {
  expect(fcm).toMatchObject({ maxTtlSeconds: 28 * 86_400, maxBodyBytes: 4096, givesReceipts: false });
  expect(fcm.check(pushHead({ ttlSeconds: 0, subject: undefined }))).toBeUndefined();
});
