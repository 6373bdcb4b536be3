import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import theirs from 'web-push';
import { callBoth } from './both.test-data.ts';
import { generateVAPIDKeys } from './index.ts';

test('the keys have web-push’s encoding and lengths', () => {
  const { ours, theirs: expected } = callBoth('generateVAPIDKeys');
  expect(ours).toEqual(expected);
  expect(Object.keys(generateVAPIDKeys())).toEqual(Object.keys(theirs.generateVAPIDKeys()));
});

test('they are one pair, a new one each time, and web-push takes them', () => {
  const keys = generateVAPIDKeys();
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(keys.privateKey, 'base64url');
  expect(ecdh.getPublicKey('base64url')).toBe(keys.publicKey);
  expect(generateVAPIDKeys()).not.toEqual(keys);
  expect(() =>
    theirs.getVapidHeaders(
      'https://push.example.net',
      'mailto:a@example.org',
      keys.publicKey,
      keys.privateKey,
      'aes128gcm',
    ),
  ).not.toThrow();
});
