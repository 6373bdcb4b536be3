import { expect, test } from 'vitest';
import type { Refusal } from '../endpoint/refusal.ts';
import { mozilla } from './mozilla.ts';
import { ACCEPTED, pushHead, REFUSALS } from './push-head.test-data.ts';

const rows: readonly (readonly [Refusal, number, number | null, string])[] = [
  ['missing-ttl', 400, 111, 'Bad Request'],
  ['invalid-ttl', 400, 111, 'Bad Request'],
  ['invalid-topic', 400, 113, 'Bad Request'],
  ['invalid-encoding', 400, 110, 'Bad Request'],
  ['vapid-missing', 401, 109, 'Unauthorized'],
  ['vapid-malformed', 401, 109, 'Unauthorized'],
  ['vapid-key-mismatch', 401, 109, 'Unauthorized'],
  ['vapid-bad-signature', 401, 109, 'Unauthorized'],
  ['vapid-wrong-audience', 401, 109, 'Unauthorized'],
  ['vapid-expired', 401, 109, 'Unauthorized'],
  ['vapid-lives-too-long', 401, 109, 'Unauthorized'],
  ['unknown-url', 404, 102, 'Not Found'],
  ['method-not-allowed', 405, null, 'Method Not Allowed'],
  ['unregistered', 410, 106, 'Gone'],
  ['body-too-large', 413, 104, 'Payload Too Large'],
  ['misdirected', 421, null, 'Misdirected Request'],
  ['too-many-pushes', 503, 201, 'Service Unavailable'],
  ['too-many-pending', 503, 201, 'Service Unavailable'],
  ['unavailable', 503, 201, 'Service Unavailable'],
  ['internal-error', 500, null, 'Internal Server Error'],
];

test.each(rows)('%s is %i with errno %s', (refusal, code, errno, error) => {
  const { status, headers, body = '' } = mozilla.refused({ refusal });
  expect([status, headers['content-type']]).toEqual([code, 'application/json']);
  expect(JSON.parse(body)).toEqual({
    code,
    errno,
    error,
    message: expect.stringMatching(/./),
    more_info: expect.stringMatching(/^http/),
  });
});

test('the table has every refusal', () => expect(new Set(rows.map(([refusal]) => refusal)).size).toBe(REFUSALS));

test('too many pushes are to come again in 120 seconds, however long it will take', () => {
  expect(mozilla.refused({ refusal: 'too-many-pushes', retryAfterSeconds: 45 }).headers['retry-after']).toBe('120');
  expect(mozilla.refused({ refusal: 'too-many-pending' }).headers['retry-after']).toBe('120');
  expect(mozilla.refused({ refusal: 'unregistered' }).headers['retry-after']).toBeUndefined();
});

test('410 may be remembered for a day', () => {
  expect(mozilla.refused({ refusal: 'unregistered' }).headers['cache-control']).toBe('max-age=86400');
});

test('an accepted push is 201, with the Location of its message and the TTL that it got', () => {
  expect(mozilla.accepted(ACCEPTED)).toEqual({
    status: 201,
    headers: { location: ACCEPTED.location, ttl: '60', 'content-length': '0' },
  });
});

test('messages are kept for 30 days, bodies have 5630 bytes, there are no receipts, and Urgency is not read', () => {
  expect(mozilla).toMatchObject({ maxTtlSeconds: 30 * 86_400, maxBodyBytes: 5630, givesReceipts: false });
  expect(mozilla.check(pushHead({ headers: { urgency: 'whenever' }, subject: undefined }))).toBeUndefined();
});
