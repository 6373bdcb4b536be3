import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apple } from './apple.ts';
import { classifyPushAnswer } from './classify-push-answer.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import type { HttpAnswer, PushServiceRules } from './push-service-rules.ts';
import { rfc8030 } from './rfc8030.ts';
import { wns } from './wns.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

type GivenAnswer = Partial<HttpAnswer>;

function classify(service: PushServiceRules, answer: GivenAnswer) {
  return classifyPushAnswer({ service, answer: { status: 500, headers: {}, body: '', ...answer }, now: NOW });
}

const DEVICE = { scope: 'device' } as const;
const accepted = { kind: 'accepted', ...DEVICE };
const gone = { kind: 'gone', ...DEVICE };
const mismatch = { kind: 'key-mismatch', ...DEVICE };
const misconfigured = (status: number, reason?: string) => ({
  kind: 'misconfigured',
  scope: 'origin-and-key',
  status,
  reason,
  clockSkewMs: undefined,
});
const throttled = (scope: 'device' | 'origin', retryAfterMs?: number) => ({ kind: 'throttled', scope, retryAfterMs });
const retrying = (scope: 'device' | 'origin', retryAfterMs?: number) => ({ kind: 'retrying', scope, retryAfterMs });
const badMessage = (status: number) => ({ kind: 'rejected', ...DEVICE, status, blames: 'message' });
const rejected = (status: number) => ({ kind: 'rejected', ...DEVICE, status, blames: 'unknown' });

const retryAfter = (value: string) => ({ 'retry-after': value });
const errno = (number: number, message = '') => JSON.stringify({ code: 0, errno: number, message });
const reason = (text: string) => JSON.stringify({ reason: text });
const wnsStatus = (status: string) => ({ 'x-wns-status': status });

type Row = readonly [what: string, answer: GivenAnswer, outcome: object];

const ROWS: readonly (readonly [PushServiceRules, readonly Row[]])[] = [
  [
    rfc8030,
    [
      ['201', { status: 201 }, accepted],
      ['202, with a receipt to come', { status: 202 }, accepted],
      ['404', { status: 404 }, gone],
      ['410', { status: 410 }, gone],
      ['401', { status: 401 }, misconfigured(401)],
      ['403', { status: 403 }, misconfigured(403)],
      ['429', { status: 429 }, throttled('device')],
      ['429 with seconds', { status: 429, headers: retryAfter('120') }, throttled('device', 120_000)],
      [
        '429 with a date',
        { status: 429, headers: retryAfter('Sat, 21 Nov 2026 12:01:00 GMT') },
        throttled('device', 60_000),
      ],
      [
        '429 with a past date',
        { status: 429, headers: retryAfter('Sat, 21 Nov 2026 11:00:00 GMT') },
        throttled('device', 0),
      ],
      ['429 with nonsense', { status: 429, headers: retryAfter('in a while') }, throttled('device')],
      ['408', { status: 408 }, retrying('device')],
      ['425', { status: 425 }, retrying('device')],
      ['500', { status: 500 }, retrying('device')],
      ['503', { status: 503 }, retrying('device')],
      ['503 with Retry-After', { status: 503, headers: retryAfter('60') }, retrying('origin', 60_000)],
      ['400', { status: 400 }, badMessage(400)],
      ['411', { status: 411 }, badMessage(411)],
      ['413', { status: 413 }, badMessage(413)],
      ['406', { status: 406 }, rejected(406)],
      ['418', { status: 418 }, rejected(418)],
      ['421', { status: 421 }, rejected(421)],
      ['a redirect', { status: 307, headers: { location: 'https://127.0.0.1/' } }, rejected(307)],
    ],
  ],
  [
    fcm,
    [
      ['201', { status: 201 }, accepted],
      [
        '403 for another key',
        {
          status: 403,
          body: 'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.\n',
        },
        mismatch,
      ],
      [
        '403 for a bad token',
        { status: 403, body: 'invalid JWT provided\n' },
        misconfigured(403, 'invalid JWT provided'),
      ],
      [
        '403 for another audience',
        { status: 403, body: 'aud claim in the token MUST include the origin of the push resource URL\n' },
        misconfigured(403, 'aud claim in the token'),
      ],
      ['403 for what nobody knows', { status: 403, body: 'https://fcm.googleapis.com/fcm/send/x' }, misconfigured(403)],
      [
        '401 without a token',
        { status: 401, body: 'authorization header must be specified.\n' },
        misconfigured(401, 'authorization header must be specified'),
      ],
      [
        '400 for a token, as it once was',
        { status: 400, body: 'UnauthorizedRegistration' },
        misconfigured(400, 'UnauthorizedRegistration'),
      ],
      ['400 for a TTL', { status: 400, body: '<TITLE>InvalidTtlParameter</TITLE>' }, badMessage(400)],
      ['404 for a device idle for 270 days', { status: 404 }, gone],
      ['410', { status: 410, body: 'push subscription has unsubscribed or expired.\n' }, gone],
      ['413', { status: 413 }, badMessage(413)],
      ['429', { status: 429, headers: retryAfter('45') }, throttled('device', 45_000)],
    ],
  ],
  [
    mozilla,
    [
      ['201', { status: 201 }, accepted],
      ['401 for another key', { status: 401, body: errno(109, 'VAPID public key mismatch') }, mismatch],
      [
        '401 for a bad token',
        { status: 401, body: errno(109, 'Invalid VAPID token') },
        misconfigured(401, 'errno 109'),
      ],
      ['404 for no such endpoint', { status: 404, body: errno(102) }, gone],
      ['410 for a browser that is gone', { status: 410, body: errno(103) }, gone],
      ['410 for one that went meanwhile', { status: 410, body: errno(105) }, gone],
      ['410 for a subscription that is gone', { status: 410, body: errno(106) }, gone],
      ['413 on the way to a phone', { status: 413, body: errno(104) }, badMessage(413)],
      ['400 for the encoding', { status: 400, body: errno(110) }, badMessage(400)],
      ['400 for a TTL', { status: 400, body: errno(111) }, badMessage(400)],
      ['400 for a topic', { status: 400, body: errno(113) }, badMessage(400)],
      [
        '503 for too many pushes',
        { status: 503, headers: retryAfter('120'), body: errno(201) },
        throttled('origin', 120_000),
      ],
      ['503 without Retry-After', { status: 503, body: errno(202) }, retrying('device')],
      ['500', { status: 500, body: errno(999) }, retrying('device')],
    ],
  ],
  [
    apple,
    [
      ['201', { status: 201, headers: { 'apns-id': 'x' } }, accepted],
      ['400 for another key', { status: 400, body: reason('VapidPkHashMismatch') }, mismatch],
      ['403 for another key, as documented', { status: 403, body: reason('VapidPkHashMismatch') }, mismatch],
      ['403 for a bad token', { status: 403, body: reason('BadJwtToken') }, misconfigured(403, 'BadJwtToken')],
      [
        '403 for a bad key',
        { status: 403, body: reason('BadVapidPublicKey') },
        misconfigured(403, 'BadVapidPublicKey'),
      ],
      ['403 for what nobody knows', { status: 403, body: reason('Another') }, misconfigured(403)],
      ['400 for a topic', { status: 400, body: reason('BadWebPushTopic') }, badMessage(400)],
      ['400 for a TTL', { status: 400, body: reason('BadTtl') }, badMessage(400)],
      ['404', { status: 404, body: reason('BadPath') }, gone],
      ['410', { status: 410, body: reason('Unregistered') }, gone],
      ['413', { status: 413, body: reason('PayloadTooLarge') }, badMessage(413)],
      ['429, which says no time', { status: 429, body: reason('TooManyRequests') }, throttled('device')],
    ],
  ],
  [
    wns,
    [
      ['201 received', { status: 201, headers: wnsStatus('received') }, accepted],
      ['200 received', { status: 200, headers: wnsStatus('received') }, accepted],
      ['200 without a status', { status: 200 }, accepted],
      ['200 dropped', { status: 200, headers: wnsStatus('dropped') }, rejected(200)],
      [
        '200 dropped, by its former name',
        { status: 200, headers: { 'x-wns-notificationstatus': 'Dropped' } },
        rejected(200),
      ],
      ['200 channelthrottled', { status: 200, headers: wnsStatus('channelthrottled') }, throttled('device')],
      ['200 appthrottled', { status: 200, headers: wnsStatus('appthrottled') }, throttled('origin')],
      [
        '406, for whoever sends',
        { status: 406, headers: { ...wnsStatus('appthrottled'), ...retryAfter('60'), 'x-wns-continue-after': '90' } },
        throttled('origin', 90_000),
      ],
      [
        '406 that says when in its own header alone',
        { status: 406, headers: { 'x-wns-continue-after': 'Sat, 21 Nov 2026 13:00:00 GMT' } },
        throttled('origin', 3_600_000),
      ],
      ['406 for one channel', { status: 406, headers: wnsStatus('channelthrottled') }, throttled('device')],
      ['429', { status: 429 }, throttled('origin')],
      ['401', { status: 401, headers: wnsStatus('dropped') }, misconfigured(401)],
      ['403', { status: 403, headers: wnsStatus('dropped') }, misconfigured(403)],
      ['400 for a TTL', { status: 400, headers: wnsStatus('dropped') }, badMessage(400)],
      ['404', { status: 404, headers: wnsStatus('dropped') }, gone],
      ['410', { status: 410, headers: wnsStatus('dropped') }, gone],
      ['413', { status: 413, headers: wnsStatus('dropped') }, badMessage(413)],
      ['503', { status: 503 }, retrying('device')],
    ],
  ],
];

describe.each(ROWS.map(([service, rows]) => ({ name: service.name, service, rows })))('$name', ({ service, rows }) => {
  test.each(rows)('%s', (_what, answer, outcome) => {
    expect(classify(service, answer)).toEqual(outcome);
  });
});

describe('a token that is refused', () => {
  test.each([
    ['Sat, 21 Nov 2026 01:00:00 GMT', 11 * 3_600_000],
    ['Sun, 22 Nov 2026 01:00:00 GMT', -13 * 3_600_000],
  ])('by a service that has %s is the fault of a clock', (date, clockSkewMs) => {
    expect(classify(apple, { status: 403, headers: { date }, body: reason('BadJwtToken') })).toEqual({
      ...misconfigured(403, 'BadJwtToken'),
      scope: 'origin',
      clockSkewMs,
    });
  });

  test('is not where the clocks are less than an hour apart', () => {
    const headers = { date: 'Sat, 21 Nov 2026 11:00:01 GMT' };
    expect(classify(fcm, { status: 403, headers })).toEqual(misconfigured(403));
  });
});

const ALL = [rfc8030, fcm, mozilla, apple, wns];
const headerName = fc.constantFrom('retry-after', 'x-wns-continue-after', 'x-wns-status', 'date', 'content-type');
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc.json().map(reason),
  fc.integer().map((number) => errno(number)),
);

test('any answer at all has an outcome, which repeats nothing of it but fixed words', () => {
  const answers = fc.record({
    status: fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.constant(Number.NaN)),
    headers: fc.dictionary(headerName, fc.string()),
    body: fc.oneof(
      body,
      body.map((text) => `https://push.example.net/secret ${text}`),
    ),
  });
  fc.assert(
    fc.property(fc.constantFrom(...ALL), answers, (service, answer) => {
      const outcome = classify(service, answer);
      expect(['accepted', 'gone', 'key-mismatch', 'misconfigured', 'throttled', 'retrying', 'rejected']).toContain(
        outcome.kind,
      );
      expect(JSON.stringify(outcome)).not.toContain('secret');
      const waitMs = 'retryAfterMs' in outcome ? (outcome.retryAfterMs ?? 0) : 0;
      expect(waitMs).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});
