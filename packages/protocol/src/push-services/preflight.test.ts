import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branded } from '../brand.ts';
import { parseTopic, topicOf } from '../rfc8030/topic.ts';
import { apple } from './apple.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import { paddingBytesFor } from './padding-bytes.ts';
import { preflight } from './preflight.ts';
import { pushServiceOf } from './push-service-of.ts';
import { rfc8030 } from './rfc8030.ts';
import { wns } from './wns.ts';

const ALL = [rfc8030, fcm, mozilla, apple, wns];
const DAY_S = 24 * 3600;

const message = { plaintextBytes: 100, ttl: branded<number, 'Ttl'>(60) };

test.each([
  ['https://fcm.googleapis.com/fcm/send/x', 'fcm'],
  ['https://jmt17.google.com', 'fcm'],
  ['https://updates.push.services.mozilla.com/wpush/v2/x', 'mozilla'],
  ['https://web.push.apple.com/x', 'apple'],
  ['https://wns2-par02p.notify.windows.com/w/?token=x', 'wns'],
  ['https://push.example.net/x', 'rfc8030'],
  ['https://fcm.googleapis.com.example.net/x', 'rfc8030'],
  ['https://fcm.googleapis.com:8443/x', 'rfc8030'],
])('%s is of %s', (url, name) => {
  expect(pushServiceOf(branded<string, 'Endpoint'>(url)).name).toBe(name);
});

test.each(ALL)('$name takes 3993 bytes, and not one more', (service) => {
  expect(preflight({ ...message, service, plaintextBytes: 3993 }).ok).toBe(true);
  expect(preflight({ ...message, service, plaintextBytes: 3994 })).toEqual({ ok: false, error: 'payload-too-large' });
});

test('what may not pass the bridge to Firefox on Android is sent with a warning', () => {
  const warnings = (plaintextBytes: number) => preflight({ ...message, service: mozilla, plaintextBytes });
  expect(warnings(2820)).toMatchObject({ warnings: [] });
  expect(warnings(2821)).toMatchObject({ ok: true, warnings: ['too-large-for-some-devices'] });
});

test.each([
  [fcm.name, fcm, 28 * DAY_S],
  [mozilla.name, mozilla, 30 * DAY_S],
  [apple.name, apple, 30 * DAY_S],
  [wns.name, wns, 30 * DAY_S],
  [rfc8030.name, rfc8030, 365 * DAY_S],
])('a year is shortened to what %s keeps', (_name, service, ttl) => {
  expect(preflight({ ...message, service, ttl: branded(365 * DAY_S) })).toMatchObject({ ttl });
});

test('a TTL of 0 tells WNS not to cache, and nobody else', () => {
  const headers = ALL.map((service) => preflight({ ...message, service, ttl: branded(0) }));
  expect(headers.map((one) => one.ok && one.headers)).toEqual([{}, {}, {}, {}, { 'x-wns-cache-policy': 'no-cache' }]);
  expect(preflight({ ...message, service: wns })).toMatchObject({ headers: {} });
});

test.each(['new_event', 'event', 'a'])('the topic "%s", which does not decode, is not for Apple', (text) => {
  const topic = branded<string, 'Topic'>(text);
  expect(preflight({ ...message, service: apple, topic })).toEqual({ ok: false, error: 'topic-does-not-decode' });
  expect(preflight({ ...message, service: fcm, topic }).ok).toBe(true);
});

test('every service takes the topic of any collapseKey, and different keys have different ones', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
      const topic = topicOf(one);
      expect(parseTopic(topic).ok).toBe(true);
      expect(Buffer.from(topic, 'base64url').toString('base64url')).toBe(topic);
      for (const service of ALL) expect(preflight({ ...message, service, topic }).ok).toBe(true);
      expect(topicOf(other) === topic).toBe(one === other);
    }),
  );
});

test.each([
  ['no padding', fcm, 100, 0, 0],
  ['up to the length asked for', fcm, 100, 2820, 2720],
  ['a longer one to the longest there is', fcm, 3000, 2820, 993],
  ['no further than Firefox on Android takes', mozilla, 100, 3993, 2720],
  ['what Firefox on Android does not take anyway to the longest', mozilla, 2900, 3993, 1093],
  ['nothing where it is full', rfc8030, 3993, 3993, 0],
])('padding: %s', (_what, service, plaintextBytes, padToBytes, padding) => {
  expect(paddingBytesFor({ service, plaintextBytes, padToBytes })).toBe(padding);
});

test('padding hides lengths: a push service sees three of them at most', () => {
  const integer = fc.integer({ min: 1, max: 3993 });
  fc.assert(
    fc.property(fc.constantFrom(...ALL), integer, fc.array(integer), (service, padToBytes, lengths) => {
      const seen = lengths.map((bytes) => bytes + paddingBytesFor({ service, plaintextBytes: bytes, padToBytes }));
      expect(new Set(seen).size).toBeLessThanOrEqual(3);
      expect(Math.max(0, ...seen)).toBeLessThanOrEqual(3993);
    }),
  );
});
