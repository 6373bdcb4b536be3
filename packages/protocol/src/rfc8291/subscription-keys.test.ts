import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeBase64Url } from '../base64url.ts';
import { generateVapidKeys } from '../rfc8292/vapid-keys.ts';
import { parseAuthSecret, parseP256dh } from './subscription-keys.ts';

// Any point on P-256 serves.
const { publicKey } = generateVapidKeys();
const point = Buffer.from(publicKey, 'base64url');

function changed(change: (bytes: Buffer) => Buffer): string {
  return encodeBase64Url(change(Buffer.from(point)));
}

test('a p256dh is a point on P-256', () => {
  expect(parseP256dh(publicKey)).toEqual({ ok: true, value: new Uint8Array(point) });
});

test.each([
  ['empty', ''],
  ['64 bytes', changed((bytes) => bytes.subarray(0, 64))],
  ['66 bytes', changed((bytes) => Buffer.concat([bytes, Buffer.of(0)]))],
  ['a compressed point', changed((bytes) => Buffer.concat([Buffer.of(2), bytes.subarray(1, 33)]))],
  ['marked as another form', changed((bytes) => bytes.fill(6, 0, 1))],
  ['off the curve', changed((bytes) => bytes.fill((bytes[64] ?? 0) ^ 1, 64))],
  ['the point at infinity', encodeBase64Url(Buffer.alloc(65).fill(4, 0, 1))],
  ['padded', `${publicKey}=`],
  ['not base64url', `${publicKey.slice(0, -1)}*`],
])('a p256dh that is %s is refused', (_what, text) => {
  expect(parseP256dh(text)).toEqual({ ok: false, error: 'invalid-p256dh' });
});

test('an auth secret is 16 bytes', () => {
  expect(parseAuthSecret(encodeBase64Url(randomBytes(16))).ok).toBe(true);
  for (const length of [0, 15, 17]) {
    expect(parseAuthSecret(encodeBase64Url(randomBytes(length)))).toEqual({ ok: false, error: 'invalid-auth' });
  }
});
