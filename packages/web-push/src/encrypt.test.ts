import { createECDH } from 'node:crypto';
import { decrypt, parseAuthSecret } from '@belfry/protocol';
import fc from 'fast-check';
import httpEce from 'http_ece';
import { describe, expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import { encrypt, generateVAPIDKeys } from './index.ts';
import { aUserAgent } from './user-agent.test-data.ts';

const agent = aUserAgent();
const { p256dh, auth } = agent.subscription.keys;
const LIMITS = { aes128gcm: 3993, aesgcm: 4078 } as const;

describe.each(['aes128gcm', 'aesgcm'] as const)('%s', (encoding) => {
  test('http_ece opens a payload of any size, up to the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: LIMITS[encoding] }), (octets) => {
        const payload = Buffer.from(octets);
        expect(agent.open(encrypt(p256dh, auth, payload, encoding), encoding)).toEqual(payload);
      }),
      { numRuns: 30, examples: [[new Uint8Array()], [new Uint8Array(LIMITS[encoding])]] },
    );
  });

  test('text is sent as UTF-8, and a longer auth secret is used whole, as in web-push', () => {
    const other = aUserAgent({ authBytes: 24 });
    const { keys } = other.subscription;
    expect(other.open(encrypt(keys.p256dh, keys.auth, 'Grüße 🔔', encoding), encoding).toString()).toBe('Grüße 🔔');
    expect(other.open(asOurs(theirs.encrypt(keys.p256dh, keys.auth, 'Grüße 🔔', encoding)), encoding).toString()).toBe(
      'Grüße 🔔',
    );
  });

  test('the result has web-push’s fields and lengths', () => {
    const { ours, theirs: expected } = callBoth('encrypt', p256dh, auth, 'My Payload', encoding);
    expect(ours).toEqual(expected);
    expect(encrypt(p256dh, auth, 'My Payload', encoding).salt).toMatch(/^[\w-]{22}$/);
  });

  test('a payload over the limit is an error that gives both sizes', () => {
    const limit = LIMITS[encoding];
    expect(() => encrypt(p256dh, auth, Buffer.alloc(limit + 1), encoding)).toThrow(
      new RegExp(`at most ${limit} bytes of plaintext; this one has ${limit + 1}`),
    );
    expect(encrypt(p256dh, auth, Buffer.alloc(limit), encoding).cipherText).toHaveLength(4096);
  });

  test('keys in plain base64, with padding, work', () => {
    const plain = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
    expect(agent.open(encrypt(plain(p256dh), plain(auth), 'hi', encoding), encoding).toString()).toBe('hi');
  });

  test('a key pair and a salt are never used twice', () => {
    const [first, second] = [encrypt(p256dh, auth, 'hi', encoding), encrypt(p256dh, auth, 'hi', encoding)];
    expect(first.salt).not.toBe(second.salt);
    expect(first.localPublicKey).not.toEqual(second.localPublicKey);
  });
});

test('what http_ece encrypts, Belfry’s own user agents open', () => {
  const sender = createECDH('prime256v1');
  sender.generateKeys();
  const body = httpEce.encrypt(Buffer.from('hi'), {
    version: 'aes128gcm',
    privateKey: sender,
    dh: p256dh,
    authSecret: auth,
  });
  const secret = parseAuthSecret(auth);
  if (!secret.ok) throw new Error(secret.error);
  expect(decrypt({ body, privateKey: agent.privateKey.getPrivateKey(), auth: secret.value })).toEqual({
    ok: true,
    value: Buffer.from('hi'),
  });
});

test.each([
  ['nothing', []],
  ['a p256dh that is an object', [{}, auth, 'hi', 'aes128gcm']],
  ['a short p256dh', [p256dh.slice(0, 80), auth, 'hi', 'aes128gcm']],
  ['a p256dh off the curve', [Buffer.alloc(65, 4).toString('base64url'), auth, 'hi', 'aes128gcm']],
  ['a p256dh off the curve, for aesgcm', [Buffer.alloc(65, 4).toString('base64url'), auth, 'hi', 'aesgcm']],
  ['no auth', [p256dh]],
  ['an auth that is an object', [p256dh, {}, 'hi', 'aes128gcm']],
  ['a short auth', [p256dh, 'AAAA', 'hi', 'aes128gcm']],
  ['no payload', [p256dh, auth]],
  ['a payload that is an array of octets', [p256dh, auth, Uint8Array.of(1), 'aes128gcm']],
  ['a payload that is a number', [p256dh, auth, 5, 'aes128gcm']],
  ['an empty payload', [p256dh, auth, '', 'aes128gcm']],
  ['no encoding', [p256dh, auth, 'hi']],
  ['an unknown encoding', [p256dh, auth, 'hi', 'aes256gcm']],
  ['a key of another kind', [generateVAPIDKeys().privateKey, auth, 'hi', 'aes128gcm']],
])('given %s it does as web-push does', (_name, args) => {
  const { ours, theirs: expected } = callBoth('encrypt', ...args);
  expect(ours).toEqual(expected);
});

/** Its types say that the key is a string. */
function asOurs(result: ReturnType<typeof theirs.encrypt>): ReturnType<typeof encrypt> {
  return { ...result, localPublicKey: Buffer.from(result.localPublicKey) };
}
