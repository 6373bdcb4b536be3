import { createECDH } from 'node:crypto';
import { encodeBase64Url, type PushRequest } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBelfry } from '../create-belfry.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { fakeTransport } from '../testing/fake-transport.test-data.ts';
import { ORIGIN } from '../testing/test-belfry.test-data.ts';
import type { PushAnswer } from '../transport/push-transport.ts';

const OUTCOMES = ['accepted', 'gone', 'key-mismatch', 'misconfigured', 'throttled', 'retrying', 'expired', 'rejected'];

const ENDPOINTS = [
  'fcm.googleapis.com/fcm/send/',
  'fcm.googleapis.com/wp/',
  'updates.push.services.mozilla.com/wpush/v2/',
  'web.push.apple.com/',
  'y.notify.windows.com/w/?token=',
];

const header = fc.constantFrom('retry-after', 'x-wns-status', 'x-wns-continue-after', 'date', 'location');
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('120', 'dropped', 'channelthrottled', 'Sat, 21 Nov 2026 12:00:00 GMT'),
);
const answers: fc.Arbitrary<PushAnswer> = fc.oneof(
  fc.record({
    kind: fc.constant('answer'),
    status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(201, 400, 401, 403, 404, 406, 410, 429, 503)),
    headers: fc.dictionary(header, text),
    body: fc.oneof(text, fc.json()),
  }),
  fc.record({ kind: fc.constant('no-answer'), reason: fc.constantFrom('connection', 'timeout') }),
  fc.record({ kind: fc.constant('not-sent'), reason: fc.constantFrom('refused-address', 'circuit-open', 'paused') }),
);
const freshKey = fc.constant(undefined).map(() => encodeBase64Url(createECDH('prime256v1').generateKeys()));
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(encodeBase64Url);
const subscriptions = fc.record({
  prefix: fc.oneof(
    fc.constantFrom(...ENDPOINTS),
    fc.nat().map((number) => `h${number}.push.example/`),
  ),
  path: fc.oneof(octets(24), fc.webPath(), fc.string({ minLength: 1 })),
  p256dh: fc.oneof({ weight: 4, arbitrary: freshKey }, octets(65), fc.string()),
  auth: fc.oneof({ weight: 4, arbitrary: octets(16) }, fc.string()),
});

test('any subscription is taken or refused, any answer has an outcome, and no log holds an endpoint or a key', async () => {
  const log: string[] = [];
  const write = (message: string, fields: unknown): void => void log.push(message + JSON.stringify(fields));
  let answer: (endpoint: string) => PushAnswer = () => ({ kind: 'no-answer', reason: 'timeout' });
  const belfry = await createBelfry({
    store: sqlite(':memory:'),
    subject: 'mailto:ops@example.com',
    origins: [ORIGIN],
    authenticate: (request) => request.headers.get('x-user'),
    allowedPushHosts: ['*.push.example'],
    transport: fakeTransport(async ({ origin, path }: PushRequest) => answer(origin + path)),
    clock: new FakeClock(),
    logger: { info: write, warn: write, error: write },
    env: {},
  });
  let users = 0;
  const taken = new Set<string>();
  await fc.assert(
    fc.asyncProperty(subscriptions, answers, fc.integer({ min: 0, max: 100 }), async (given, answered, ttl) => {
      const user = `user-${++users}`;
      const endpoint = `https://${given.prefix}${given.path}`;
      const { p256dh, auth } = given;
      const request = new Request(`${ORIGIN}/api/push/subscribe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-user': user },
        body: JSON.stringify({ endpoint, keys: { p256dh, auth } }),
      });
      expect([201, 400, 409]).toContain((await belfry.handle(request)).status);
      // The worst that a push service could say is what it was asked.
      answer = (url) =>
        answered.kind === 'answer' ? { ...answered, body: `${answered.body}${url}${p256dh}${auth}` } : answered;
      const outcomes = await (await belfry.notify(user, { title: 'x' }, { ttl })).settled();
      for (const { outcome } of outcomes) {
        expect(OUTCOMES).toContain(outcome);
        taken.add(outcome);
      }
      const secrets = [endpoint, p256dh, auth].filter((secret) => secret.length > 15);
      expect(log.splice(0).filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    }),
    { numRuns: 500 },
  );
  await belfry.close();
  // The property would hold of a fan-out that sends nothing.
  expect([...taken]).toEqual(expect.arrayContaining(['accepted', 'retrying', 'rejected']));
});
