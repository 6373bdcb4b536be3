import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branded } from '../brand.ts';
import { createVapidToken, parseVapidAuthorization, vapidAuthorization } from './vapid-authorization.ts';
import { generateVapidKeys, toSigningKey } from './vapid-keys.ts';

const keys = generateVapidKeys();
const signingKey = toSigningKey(keys);
const token = createVapidToken({
  audience: branded('https://push.example.net:8443'),
  expiresAt: 1_800_000_000.7,
  subject: branded('mailto:ops@example.com'),
  signingKey,
});

test('a token is a JWT with audience, expiry and subject, signed with ES256', () => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ typ: 'JWT', alg: 'ES256' });
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
    aud: 'https://push.example.net:8443',
    exp: 1_800_000_000,
    sub: 'mailto:ops@example.com',
  });
  const key = { key: createPublicKey(signingKey), dsaEncoding: 'ieee-p1363' as const };
  expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
});

test('the header is read back, in either order and with any spacing', () => {
  const expected = { ok: true, value: { token, publicKey: keys.publicKey } };
  expect(parseVapidAuthorization(vapidAuthorization({ token, publicKey: keys.publicKey }))).toEqual(expected);
  expect(parseVapidAuthorization(`VAPID k=${keys.publicKey} ,t=${token}`)).toEqual(expected);
});

test.each(['', 'vapid', 'Bearer x', `vapid t=${token}`, `vapid t=, k=${keys.publicKey}`, `vapid t=${token}, k=short`])(
  'a header without both parts is refused: %#',
  (header) => {
    expect(parseVapidAuthorization(header)).toEqual({ ok: false, error: 'invalid-vapid-authorization' });
  },
);

test('any text is read without throwing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseVapidAuthorization(`vapid ${text}`).ok).toBe(false);
    }),
  );
});
