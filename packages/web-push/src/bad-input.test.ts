import fc from 'fast-check';
import { expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import { aUserAgent } from './user-agent.test-data.ts';

const { subscription } = aUserAgent();
const vapidDetails = { subject: 'mailto:user@example.org', ...theirs.generateVAPIDKeys() };
const octets = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const key = fc.oneof(fc.anything(), fc.string(), fc.base64String(), octets(16), octets(32), octets(65));

test('keys of a subscription', () => {
  const known = fc.constantFrom(subscription.keys.p256dh, subscription.keys.auth);
  fc.assert(
    fc.property(
      fc.oneof(key, known),
      fc.oneof(key, known),
      fc.constantFrom('aes128gcm', 'aesgcm'),
      (p256dh, auth, encoding) => {
        fc.pre(!isHybridPoint(p256dh));
        const encrypted = callBoth('encrypt', p256dh, auth, 'hi', encoding);
        expect(encrypted.ours).toEqual(encrypted.theirs);
        const details = callBoth('generateRequestDetails', { ...subscription, keys: { p256dh, auth } }, 'hi');
        expect(details.ours).toEqual(details.theirs);
      },
    ),
    { numRuns: 300 },
  );
});

test('payloads', () => {
  fc.assert(
    fc.property(fc.anything(), (payload) => {
      const { p256dh, auth } = subscription.keys;
      const encrypted = callBoth('encrypt', p256dh, auth, payload, 'aes128gcm');
      expect(encrypted.ours).toEqual(encrypted.theirs);
      const details = callBoth('generateRequestDetails', subscription, payload);
      expect(details.ours).toEqual(details.theirs);
    }),
    { numRuns: 300 },
  );
});

test('VAPID details', () => {
  const or = (right: string): fc.Arbitrary<unknown> => fc.oneof(key, fc.constant(right));
  const subject = fc.oneof(
    fc.anything(),
    fc.webUrl(),
    fc.emailAddress().map((address) => `mailto:${address}`),
  );
  fc.assert(
    fc.property(subject, or(vapidDetails.publicKey), or(vapidDetails.privateKey), (...details) => {
      const set = callBoth('setVapidDetails', ...details);
      expect(set.ours).toEqual(set.theirs);
      const headers = callBoth('getVapidHeaders', 'https://push.example.net', ...details, 'aes128gcm');
      expect(headers.ours).toEqual(headers.theirs);
    }),
    { numRuns: 300 },
  );
  callBoth('setVapidDetails', null);
});

test('audiences and expirations', () => {
  const audience = fc.oneof(fc.anything(), fc.webUrl(), fc.string());
  const expiration = fc.oneof(
    fc.anything(),
    fc.integer(),
    fc.integer({ min: -5, max: 90_000 }).map((s) => Math.floor(Date.now() / 1000) + s),
  );
  const { subject, publicKey, privateKey } = vapidDetails;
  fc.assert(
    fc.property(audience, expiration, (...[aud, exp]) => {
      const headers = callBoth('getVapidHeaders', aud, subject, publicKey, privateKey, 'aes128gcm', exp);
      expect(headers.ours).toEqual(headers.theirs);
    }),
    { numRuns: 300 },
  );
});

test('endpoints, over http and https', () => {
  const url = fc.webUrl({ withQueryParameters: true, validSchemes: ['http', 'https'] });
  const noText = fc.anything().filter((value) => typeof value !== 'string');
  fc.assert(
    fc.property(fc.oneof(noText, url), (endpoint) => {
      const details = callBoth('generateRequestDetails', { endpoint }, null, { vapidDetails });
      expect(details.ours).toEqual(details.theirs);
    }),
    { numRuns: 300 },
  );
});

test('endpoints that no browser takes for a URL are an error, where there is an audience to be had', () => {
  const noUrl = fc.string({ minLength: 1 }).filter((text) => !URL.canParse(text));
  fc.assert(
    fc.property(noUrl, (endpoint) => {
      const details = callBoth('generateRequestDetails', { endpoint }, null, { vapidDetails });
      expect(details.ours.error).toBe('VAPID audience is not a url. null//null');
    }),
    { numRuns: 300 },
  );
});

test('options', () => {
  const values = {
    TTL: fc.oneof(fc.anything().filter(isTtlOrRefused), fc.nat()),
    headers: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.string())),
    gcmAPIKey: fc.string(),
    vapidDetails: fc.oneof(fc.constantFrom(undefined, null, false, {}), fc.constant(vapidDetails)),
    contentEncoding: fc.oneof(fc.anything(), fc.constantFrom('aesgcm', 'aes128gcm')),
    urgency: fc.oneof(fc.anything(), fc.constantFrom('very-low', 'low', 'normal', 'high')),
    topic: fc.oneof(fc.string(), fc.base64String({ maxLength: 40 })),
    timeout: fc.anything(),
    proxy: fc.oneof(fc.anything(), fc.string(), fc.record({ host: fc.anything() })),
    agent: fc.anything(),
    other: fc.anything(),
  };
  fc.assert(
    fc.property(fc.record(values, { requiredKeys: [] }), fc.constantFrom(undefined, 'hi'), (options, payload) => {
      const details = callBoth('generateRequestDetails', subscription, payload, options);
      expect(details.ours).toEqual(details.theirs);
    }),
    { numRuns: 300 },
  );
});

/** Whole numbers, and what web-push refuses too: the rest is the documented difference. */
function isTtlOrRefused(value: unknown): boolean {
  try {
    const ttl = Number(value);
    return value === undefined || Number.isSafeInteger(ttl) || ttl < 0;
  } catch {
    return true;
  }
}

/** Keys of the form that X9.62 calls hybrid, which OpenSSL reads and browsers do not: the documented difference. */
function isHybridPoint(text: unknown): boolean {
  const [first] = typeof text === 'string' ? Buffer.from(text, 'base64url') : [];
  return first === 6 || first === 7;
}
