import { createPublicKey } from 'node:crypto';
import { decodeJwt, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import { getVapidHeaders } from './index.ts';

const { publicKey, privateKey } = theirs.generateVAPIDKeys();
const AUDIENCE = 'https://push.example.net:8443';
const SUBJECT = 'mailto:user@example.org';
const HOUR_S = 3600;
const now = Math.floor(Date.now() / 1000);

test.each([
  ['aes128gcm', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm']],
  ['aesgcm', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aesgcm']],
  ['an https subject', [AUDIENCE, 'https://example.org', publicKey, privateKey, 'aes128gcm']],
  ['an expiration in an hour', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', now + HOUR_S]],
  ['an expiration that is over', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', 1]],
  ['an expiration of 0, which is none', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', 0]],
  ['a negative expiration', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', -1]],
  ['an expiration in text', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', String(now + HOUR_S)]],
  ['an expiration with a fraction', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', now + 0.5]],
  ['an expiration in 25 h', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', now + 25 * HOUR_S]],
  ['no encoding', [AUDIENCE, SUBJECT, publicKey, privateKey]],
  ['an unknown encoding', [AUDIENCE, SUBJECT, publicKey, privateKey, 'aes256gcm']],
  ['nothing', []],
  ['an audience that is no URL', ['push.example.net', SUBJECT, publicKey, privateKey, 'aes128gcm']],
  ['an audience that is an object', [{}, SUBJECT, publicKey, privateKey, 'aes128gcm']],
  ['no subject', [AUDIENCE, undefined, publicKey, privateKey, 'aes128gcm']],
  ['a subject that is no URL', [AUDIENCE, 'somebody', publicKey, privateKey, 'aes128gcm']],
  ['a subject on localhost', [AUDIENCE, 'https://localhost', publicKey, privateKey, 'aes128gcm']],
  ['no public key', [AUDIENCE, SUBJECT, '', privateKey, 'aes128gcm']],
  ['a short public key', [AUDIENCE, SUBJECT, 'AAAA', privateKey, 'aes128gcm']],
  ['no private key', [AUDIENCE, SUBJECT, publicKey, null, 'aes128gcm']],
  ['a short private key', [AUDIENCE, SUBJECT, publicKey, 'AAAA', 'aes128gcm']],
  ['a pair that is none', [AUDIENCE, SUBJECT, Buffer.alloc(65).toString('base64url'), privateKey, 'aes128gcm']],
  [
    'keys of zeros',
    [AUDIENCE, SUBJECT, Buffer.alloc(65).toString('base64url'), Buffer.alloc(32).toString('base64url'), 'aes128gcm'],
  ],
])('given %s it does as web-push does', (_name, args) => {
  const { ours, theirs: expected } = callBoth('getVapidHeaders', ...args);
  expect(ours).toEqual(expected);
});

test('the token is signed with the key', async () => {
  const point = Buffer.from(publicKey, 'base64url');
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const token = tokenOf(getVapidHeaders(AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm').Authorization);
  await expect(jwtVerify(token, key, { audience: AUDIENCE, algorithms: ['ES256'] })).resolves.toBeDefined();
});

test('a token is used again for the same audience, subject and key, in both encodings, and for no other', () => {
  const again = (audience: string, subject: string): string =>
    tokenOf(getVapidHeaders(audience, subject, publicKey, privateKey, 'aes128gcm').Authorization);
  const token = again(AUDIENCE, SUBJECT);
  expect(again(AUDIENCE, SUBJECT)).toBe(token);
  expect(tokenOf(getVapidHeaders(AUDIENCE, SUBJECT, publicKey, privateKey, 'aesgcm').Authorization)).toBe(token);
  expect(decodeJwt(again('https://other.example.net', SUBJECT)).aud).toBe('https://other.example.net');
  expect(decodeJwt(again(AUDIENCE, 'https://example.org')).sub).toBe('https://example.org');
});

test('an expiration is honoured though a token is there', () => {
  getVapidHeaders(AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm');
  const { Authorization } = getVapidHeaders(AUDIENCE, SUBJECT, publicKey, privateKey, 'aes128gcm', now + HOUR_S);
  expect(decodeJwt(tokenOf(Authorization)).exp).toBe(now + HOUR_S);
});

function tokenOf(authorization: string): string {
  return /eyJ[\w.-]+/.exec(authorization)?.[0] ?? '';
}
