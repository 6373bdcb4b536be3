import { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import { describe, expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import { generateRequestDetails } from './index.ts';
import { aUserAgent, ENDPOINT } from './user-agent.test-data.ts';

const agent = aUserAgent();
const { subscription } = agent;
const { keys } = subscription;
const vapidDetails = { subject: 'mailto:user@example.org', ...theirs.generateVAPIDKeys() };

describe.each([
  ['without payload', undefined],
  ['with payload', 'Your Push Payload Text'],
])('%s', (_payload, payload) => {
  test.each([
    ['no options', undefined],
    ['options of null', null],
    ['empty options', {}],
    ['vapidDetails', { vapidDetails }],
    ['vapidDetails of null', { vapidDetails: null }],
    ['empty vapidDetails', { vapidDetails: {} }],
    ['vapidDetails without a private key', { vapidDetails: { ...vapidDetails, privateKey: undefined } }],
    ['gcmAPIKey elsewhere', { gcmAPIKey: 'a-key' }],
    ['gcmAPIKey and vapidDetails', { gcmAPIKey: 'a-key', vapidDetails }],
    ['aes128gcm', { contentEncoding: 'aes128gcm', vapidDetails }],
    ['aesgcm', { contentEncoding: 'aesgcm' }],
    ['aesgcm with vapidDetails', { contentEncoding: 'aesgcm', vapidDetails }],
    [
      'aesgcm and a Crypto-Key of the caller',
      { contentEncoding: 'aesgcm', vapidDetails, headers: { 'Crypto-Key': 'a=b' } },
    ],
    ['an unknown encoding', { contentEncoding: 'aes256gcm' }],
    ['TTL', { TTL: 60 }],
    ['TTL 0', { TTL: 0 }],
    ['TTL in text', { TTL: '60' }],
    ['TTL null', { TTL: null }],
    ['TTL undefined', { TTL: undefined }],
    ['a negative TTL', { TTL: -1 }],
    ['headers', { headers: { 'X-Extra': 'yes', Prefer: 'respond-async' } }],
    ['headers that replace TTL', { headers: { TTL: '5' } }],
    [
      'headers that cannot replace others',
      { vapidDetails, headers: { Authorization: 'no', Urgency: 'no', 'Content-Length': '9' } },
    ],
    ['a header given twice', { TTL: 5, topic: 'a', headers: { TTL: '5', topic: 'a' } }],
    ['headers of null', { headers: null }],
    ['headers in text', { headers: 'ab' }],
    ['urgency', { urgency: 'very-low' }],
    ['an unknown urgency', { urgency: 'urgent' }],
    ['an empty urgency', { urgency: '' }],
    ['topic', { topic: 'A-topic_of-32-characters-0123456' }],
    ['a long topic', { topic: 'A-topic_of-33-characters-01234567' }],
    ['a topic with a space', { topic: 'a topic' }],
    ['an empty topic', { topic: '' }],
    ['proxy', { proxy: 'http://proxy.example:3128' }],
    ['proxy by parts', { proxy: { host: 'proxy.example', port: 3128, headers: { a: 'b' } } }],
    ['a proxy without host', { proxy: {} }],
    ['a proxy that is true', { proxy: true }],
    ['timeout', { timeout: 5000 }],
    ['timeout 0', { timeout: 0 }],
    ['timeout in text', { timeout: '5000' }],
    ['an unknown option', { ttl: 5 }],
    ['options in text', 'ttl'],
    ['two faults', { ttl: 5, urgency: 'urgent' }],
    [
      'everything',
      {
        vapidDetails,
        TTL: 60,
        headers: { a: 'b' },
        urgency: 'high',
        topic: 't',
        contentEncoding: 'aesgcm',
        timeout: 1,
      },
    ],
  ])('given %s it does as web-push does', (_name, options) => {
    const { ours, theirs: expected } = callBoth('generateRequestDetails', subscription, payload, options);
    expect(ours).toEqual(expected);
  });

  test('given an agent it does as web-push does', () => {
    const httpsAgent = new Agent();
    for (const options of [
      { agent: httpsAgent },
      { agent: httpsAgent, proxy: 'http://proxy.example' },
      { agent: httpsAgent, proxy: {} },
      { agent: new HttpAgent() },
      { agent: {}, proxy: 'http://proxy.example' },
    ]) {
      const { ours, theirs: expected } = callBoth('generateRequestDetails', subscription, payload, options);
      expect(ours).toEqual(expected);
    }
    expect(generateRequestDetails(subscription, payload, { agent: httpsAgent }).agent).toBe(httpsAgent);
  });
});

test.each([
  ['nothing', []],
  ['null', [null]],
  ['a number', [5]],
  ['no endpoint', [{}]],
  ['an empty endpoint', [{ endpoint: '' }]],
  ['an endpoint that is a number', [{ endpoint: 5 }]],
  ['no keys and no payload', [{ endpoint: ENDPOINT }]],
  ['no keys and an empty payload', [{ endpoint: ENDPOINT }, '']],
  ['no keys', [{ endpoint: ENDPOINT }, 'hi']],
  ['no auth', [{ endpoint: ENDPOINT, keys: { p256dh: keys.p256dh } }, 'hi']],
  ['no p256dh', [{ endpoint: ENDPOINT, keys: { auth: keys.auth } }, 'hi']],
  ['keys in text', [{ endpoint: ENDPOINT, keys: 'p256dh' }, 'hi']],
  ['keys that are numbers', [{ endpoint: ENDPOINT, keys: { p256dh: 1, auth: 1 } }, 'hi']],
  ['a short p256dh', [{ endpoint: ENDPOINT, keys: { ...keys, p256dh: 'AAAA' } }, 'hi']],
  ['a short auth', [{ endpoint: ENDPOINT, keys: { ...keys, auth: 'AAAA' } }, 'hi']],
  ['a payload that is a number', [subscription, 5]],
  ['an empty Buffer', [subscription, Buffer.alloc(0)]],
  ['a Buffer', [subscription, Buffer.from('hi')]],
  ['an endpoint that is no URL', [{ endpoint: 'push.example.net' }]],
  ['an endpoint that is no URL, and vapidDetails', [{ endpoint: 'push.example.net' }, null, { vapidDetails }]],
  ['an http endpoint', [{ endpoint: 'http://push.example.net/1' }, null, { vapidDetails }]],
])('given a subscription with %s it does as web-push does', (_name, args) => {
  const { ours, theirs: expected } = callBoth('generateRequestDetails', ...args);
  expect(ours).toEqual(expected);
});

test('the body is the payload encrypted for the subscription', () => {
  const details = generateRequestDetails(subscription, 'Grüße', { vapidDetails });
  const encrypted = { cipherText: details.body, salt: '', localPublicKey: Buffer.alloc(0) };
  expect(agent.open(encrypted, 'aes128gcm').toString()).toBe('Grüße');
});

test('the headers of aesgcm hold what the body is opened with', () => {
  const { body, headers } = generateRequestDetails(subscription, 'Grüße', { contentEncoding: 'aesgcm', vapidDetails });
  const salt = /^salt=(.*)$/.exec(headers['Encryption'] ?? '')?.[1] ?? '';
  const dh = /^dh=([^;]+);p256ecdsa=/.exec(headers['Crypto-Key'] ?? '')?.[1] ?? '';
  const encrypted = { cipherText: body, salt, localPublicKey: Buffer.from(dh, 'base64url') };
  expect(agent.open(encrypted, 'aesgcm').toString()).toBe('Grüße');
});

test.each(['soon', Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
  'a TTL of %s, which no push service takes, is an error',
  (TTL) => {
    const { ours } = callBoth('generateRequestDetails', subscription, null, { TTL });
    expect(ours.error).toBe('TTL should be a number and should be at least 0');
  },
);

test('a payload over 3993 bytes is an error, where web-push makes what no push service must take', () => {
  const { ours, theirs: expected } = callBoth('generateRequestDetails', subscription, 'x'.repeat(3994));
  expect(ours.error).toBe('A push message holds at most 3993 bytes of plaintext; this one has 3994');
  expect(expected).toMatchObject({ value: { body: '4097 octets' } });
});
