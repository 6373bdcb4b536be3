import { expect, test } from 'vitest';
import type { Refusal } from '../endpoint/refusal.ts';
import { apple } from './apple.ts';
import { ACCEPTED, pushHead, REFUSALS } from './push-head.test-data.ts';

const rows: readonly (readonly [Refusal, number, string])[] = [
  ['missing-ttl', 400, 'BadTtl'],
  ['invalid-ttl', 400, 'BadTtl'],
  ['invalid-topic', 400, 'BadWebPushTopic'],
  ['invalid-encoding', 400, 'BadWebPushRequest'],
  ['vapid-missing', 403, 'BadJwtToken'],
  ['vapid-malformed', 403, 'BadJwtToken'],
  ['vapid-key-mismatch', 400, 'VapidPkHashMismatch'],
  ['vapid-bad-signature', 403, 'BadJwtToken'],
  ['vapid-wrong-audience', 403, 'BadJwtToken'],
  ['vapid-expired', 403, 'BadJwtToken'],
  ['vapid-lives-too-long', 403, 'BadJwtToken'],
  ['unknown-url', 404, 'BadPath'],
  ['method-not-allowed', 405, 'MethodNotAllowed'],
  ['unregistered', 410, 'Unregistered'],
  ['body-too-large', 413, 'PayloadTooLarge'],
  ['misdirected', 421, 'BadPath'],
  ['too-many-pushes', 429, 'TooManyRequests'],
  ['too-many-pending', 429, 'TooManyRequests'],
  ['unavailable', 503, 'ServiceUnavailable'],
  ['internal-error', 500, 'InternalServerError'],
];

const json = { 'content-type': 'application/json' };

test.each(rows)('%s is %i %s, and never says when to come again', (refusal, status, reason) => {
  const body = JSON.stringify({ reason });
  expect(apple.refused({ refusal, retryAfterSeconds: 45 })).toEqual({ status, headers: json, body });
});

test('the table has every refusal', () => expect(new Set(rows.map(([refusal]) => refusal)).size).toBe(REFUSALS));

test.each(['new_event', 'event', 'neue-angebote', 'a', 'a'.repeat(29), 'a'.repeat(33), 'a b', ''])(
  'the topic "%s" does not decode: 400 BadWebPushTopic',
  (topic) => {
    const answer = { status: 400, headers: json, body: '{"reason":"BadWebPushTopic"}' };
    expect(apple.check(pushHead({ headers: { topic } }))).toEqual(answer);
  },
);

test.each(['neueangebote', 'signin', 'abc', 'a'.repeat(32)])('the topic "%s" decodes', (topic) => {
  expect(apple.check(pushHead({ headers: { topic } }))).toBeUndefined();
});

test.each([
  undefined,
  'mailto:ops@localhost',
  'mailto:ops@relay.local',
  'mailto:ops@belfry.invalid',
  'mailto:<ops@example.com>',
  'mailto:ops @example.com',
  ' mailto:ops@example.com',
  'https://localhost:3000/',
  'https://app.localhost/',
  'ops@example.com',
  '',
])('the subject "%s" is no contact: 403 BadJwtToken', (subject) => {
  const answer = { status: 403, headers: json, body: '{"reason":"BadJwtToken"}' };
  expect(apple.check(pushHead({ subject }))).toEqual(answer);
});

test.each(['mailto:ops@example.com', 'https://push.example.com/contact', 'mailto:ops@localhost.example.com'])(
  'the subject "%s" is one',
  (subject) => expect(apple.check(pushHead({ subject }))).toBeUndefined(),
);

test('an Urgency that there is not is 400 BadUrgency', () => {
  const check = (urgency: string) => apple.check(pushHead({ headers: { urgency } }));
  expect(check('whenever')).toEqual({ status: 400, headers: json, body: '{"reason":"BadUrgency"}' });
  expect(check('high')).toBeUndefined();
});

test('a TTL of 0 is taken', () => expect(apple.check(pushHead({ ttlSeconds: 0 }))).toBeUndefined());

test('an accepted push is 201, with a UUID as its apns-id', () => {
  expect(apple.accepted(ACCEPTED)).toEqual({
    status: 201,
    headers: {
      location: ACCEPTED.location,
      ttl: '60',
      'content-length': '0',
      'apns-id': '00010203-0405-0607-0809-0A0B0C0D0E0F',
    },
  });
});

test('messages are kept for 30 days, bodies have 4096 bytes, and there are no receipts', () => {
  expect(apple).toMatchObject({ maxTtlSeconds: 30 * 86_400, maxBodyBytes: 4096, givesReceipts: false });
});
