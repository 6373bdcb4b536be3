import { expect, test } from 'vitest';
import { decodeBase64Url } from '../base64url.ts';
import { generateVapidKeys, parseVapidKeys } from './vapid-keys.ts';

test('generated keys are 65 and 32 bytes, and a pair, every time', () => {
  // One private key in 256 begins with a zero octet, which Node leaves out.
  for (let i = 0; i < 600; i++) {
    const keys = generateVapidKeys();
    expect(decodeBase64Url(keys.publicKey)).toHaveLength(65);
    expect(decodeBase64Url(keys.privateKey)).toHaveLength(32);
    expect(parseVapidKeys(keys)).toEqual({ ok: true, value: keys });
  }
});

test.each([
  ['another pair', { publicKey: generateVapidKeys().publicKey }, 'vapid-keys-mismatch'],
  ['a short public key', { publicKey: 'BAAA' }, 'invalid-vapid-public-key'],
  ['a short private key', { privateKey: 'AAAA' }, 'invalid-vapid-private-key'],
  ['a private key of zero', { privateKey: 'A'.repeat(43) }, 'invalid-vapid-private-key'],
])('keys with %s are refused', (_what, change, error) => {
  expect(parseVapidKeys({ ...generateVapidKeys(), ...change })).toEqual({ ok: false, error });
});
