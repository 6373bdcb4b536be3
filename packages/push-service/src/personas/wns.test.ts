import { expect, test } from 'vitest';
import type { Refusal } from '../endpoint/refusal.ts';
import { ACCEPTED, pushHead, REFUSALS } from './push-head.test-data.ts';
import { wns } from './wns.ts';

const rows: readonly (readonly [Refusal, number])[] = [
  ['missing-ttl', 400],
  ['invalid-ttl', 400],
  ['invalid-topic', 400],
  ['invalid-encoding', 400],
  ['vapid-missing', 401],
  ['vapid-malformed', 401],
  ['vapid-key-mismatch', 403],
  ['vapid-bad-signature', 401],
  ['vapid-wrong-audience', 401],
  ['vapid-expired', 401],
  ['vapid-lives-too-long', 401],
  ['unknown-url', 404],
  ['method-not-allowed', 405],
  ['unregistered', 410],
  ['body-too-large', 413],
  ['misdirected', 421],
  ['too-many-pushes', 406],
  ['too-many-pending', 406],
  ['unavailable', 503],
  ['internal-error', 500],
];

const dropped = {
  'content-length': '0',
  'x-wns-status': 'dropped',
  'x-wns-notificationstatus': 'dropped',
  'x-wns-debug-trace': expect.stringMatching(/./),
  'x-wns-error-description': expect.stringMatching(/./),
};
const throttled = { ...dropped, 'x-wns-status': 'appthrottled', 'x-wns-notificationstatus': 'appthrottled' };

test.each(rows)('%s is %i, explained in headers and without a body', (refusal, status) => {
  const wait = { 'retry-after': '120', 'x-wns-continue-after': '120' };
  const headers = status === 406 ? { ...throttled, ...wait } : dropped;
  expect(wns.refused({ refusal })).toEqual({ status, headers });
});

test('the table has every refusal', () => expect(new Set(rows.map(([refusal]) => refusal)).size).toBe(REFUSALS));

test('a throttled sender is told how long to wait, in both headers', () => {
  const headers = { ...throttled, 'retry-after': '45', 'x-wns-continue-after': '45' };
  expect(wns.refused({ refusal: 'too-many-pushes', retryAfterSeconds: 45 })).toEqual({ status: 406, headers });
});

test('a TTL of 0 contradicts every cache policy but no-cache', () => {
  const check = (policy?: string) => wns.check(pushHead({ ttlSeconds: 0, headers: { 'x-wns-cache-policy': policy } }));
  const headers = { ...dropped, 'x-wns-error-description': 'Ttl value conflicts with X-WNS-Cache-Policy.' };
  expect(check()).toEqual({ status: 400, headers });
  expect(check('cache')).toEqual({ status: 400, headers });
  expect(check('no-cache')).toBeUndefined();
});

test('a request that does not say its length is 411', () => {
  expect(wns.check(pushHead({ headers: { 'content-length': undefined } }))).toEqual({ status: 411, headers: dropped });
  expect(wns.check(pushHead())).toBeUndefined();
});

test('an accepted push is 201 and received, with an id of 16 hex digits', () => {
  expect(wns.accepted(ACCEPTED)).toEqual({
    status: 201,
    headers: {
      location: ACCEPTED.location,
      ttl: '60',
      'content-length': '0',
      'x-wns-status': 'received',
      'x-wns-notificationstatus': 'received',
      'x-wns-debug-trace': expect.stringMatching(/./),
      'x-wns-msg-id': '0001020304050607',
    },
  });
});

test('bodies have 5000 bytes, and there are no receipts', () => {
  expect(wns).toMatchObject({ maxBodyBytes: 5000, givesReceipts: false });
});
