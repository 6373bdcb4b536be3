import {
  branded,
  createVapidToken,
  generateVapidKeys,
  toSigningKey,
  type VapidKeys,
  vapidAuthorization,
} from '@belfry/protocol';
import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { RecentMap } from '../recent-map.ts';
import { type VerifiedToken, verifyVapid } from './verify-vapid.ts';

const origin = 'https://localhost:8789';
const now = Date.UTC(2026, 0, 1);
const keys = generateVapidKeys();
const other = generateVapidKeys();
const verified = new RecentMap<string, VerifiedToken>(10);
const expected = { origin, vapidKey: keys.publicKey, now, verified };

function header(
  options: { keys?: VapidKeys; signer?: VapidKeys; audience?: string; lifetimeSeconds?: number } = {},
): string {
  const { keys: named = keys, signer = named, audience = origin, lifetimeSeconds = 3600 } = options;
  const token = createVapidToken({
    audience: branded(audience),
    expiresAt: now / 1000 + lifetimeSeconds,
    subject: branded('mailto:ops@example.com'),
    signingKey: toSigningKey(signer),
  });
  return vapidAuthorization({ token, publicKey: named.publicKey });
}

const refused = (fault: string) => ({ type: 'refused', fault });

test("our own signer's token is good, and its claims are told", async () => {
  expect(await verifyVapid(header(), expected)).toEqual({
    type: 'verified',
    claims: { aud: origin, exp: now / 1000 + 3600, sub: 'mailto:ops@example.com' },
  });
});

test('a token may live 24 hours and no second longer', async () => {
  expect((await verifyVapid(header({ lifetimeSeconds: 86_400 }), expected)).type).toBe('verified');
  expect(await verifyVapid(header({ lifetimeSeconds: 86_401 }), expected)).toEqual(refused('vapid-lives-too-long'));
});

test.each([
  ['none at all', undefined, 'vapid-missing'],
  ['another scheme', 'Bearer abc', 'vapid-malformed'],
  ['no token', `vapid k=${keys.publicKey}`, 'vapid-malformed'],
  ['a token that is no JWT', `vapid t=abc, k=${keys.publicKey}`, 'vapid-malformed'],
  ['a signature of another key', header({ signer: other }), 'vapid-bad-signature'],
  ["another application server's key, rightly signed", header({ keys: other }), 'vapid-key-mismatch'],
  ['another audience', header({ audience: 'https://localhost' }), 'vapid-wrong-audience'],
  ['an expired token', header({ lifetimeSeconds: -1 }), 'vapid-expired'],
  ['a token that expires now', header({ lifetimeSeconds: 0 }), 'vapid-expired'],
])('%s is refused', async (_name, authorization, fault) => {
  expect(await verifyVapid(authorization, expected)).toEqual(refused(fault));
});

test('a token that was good is judged anew at each use: by its time, its audience and the key of the subscription', async () => {
  const authorization = header();
  expect((await verifyVapid(authorization, expected)).type).toBe('verified');
  const uses = [
    { ...expected, now: now + 3_600_000 },
    { ...expected, now: now - 86_400_000 },
    { ...expected, origin: 'https://fcm.googleapis.com' },
    { ...expected, vapidKey: other.publicKey },
    expected,
  ];
  const verdicts = await Promise.all(uses.map((use) => verifyVapid(authorization, use)));
  expect(verdicts.map((verdict) => (verdict.type === 'refused' ? verdict.fault : verdict.type))).toEqual([
    'vapid-expired',
    'vapid-lives-too-long',
    'vapid-wrong-audience',
    'vapid-key-mismatch',
    'verified',
  ]);
});

test('a changed claim breaks the signature', async () => {
  const [before = '', claims = '', signature = ''] = header().split('.');
  const forged = Buffer.from(claims, 'base64url').toString().replace('ops@', 'spo@');
  const authorization = [before, Buffer.from(forged).toString('base64url'), signature].join('.');
  expect(await verifyVapid(authorization, expected)).toEqual(refused('vapid-bad-signature'));
});

test('a token that is good from some time on is good then', async () => {
  const jwt = new SignJWT({ aud: origin, exp: now / 1000 + 60, nbf: now / 1000 - 1 }).setProtectedHeader({
    alg: 'ES256',
  });
  const authorization = vapidAuthorization({ token: await jwt.sign(toSigningKey(keys)), publicKey: keys.publicKey });
  expect((await verifyVapid(authorization, { ...expected, now: now - 5000 })).type).toBe('refused');
  expect((await verifyVapid(authorization, expected)).type).toBe('verified');
});

test('a token without exp is refused', async () => {
  const jwt = new SignJWT({ aud: origin }).setProtectedHeader({ alg: 'ES256' });
  const authorization = vapidAuthorization({ token: await jwt.sign(toSigningKey(keys)), publicKey: keys.publicKey });
  expect(await verifyVapid(authorization, expected)).toEqual(refused('vapid-lives-too-long'));
});

test('a token for several audiences is refused', async () => {
  const jwt = new SignJWT({ aud: [origin, 'https://elsewhere.example'], exp: now / 1000 + 60 });
  const token = await jwt.setProtectedHeader({ alg: 'ES256' }).sign(toSigningKey(keys));
  const authorization = vapidAuthorization({ token, publicKey: keys.publicKey });
  expect(await verifyVapid(authorization, expected)).toEqual(refused('vapid-wrong-audience'));
});

test('an unsigned token is refused', async () => {
  const token = new UnsecuredJWT({ aud: origin, exp: now / 1000 + 60 }).encode();
  const authorization = vapidAuthorization({ token, publicKey: keys.publicKey });
  expect((await verifyVapid(authorization, expected)).type).toBe('refused');
});

test('a subscription without a key takes no Authorization, or a good one, but not a bad one', async () => {
  const withoutKey = { ...expected, vapidKey: undefined };
  expect(await verifyVapid(undefined, withoutKey)).toEqual({ type: 'verified', claims: undefined });
  expect((await verifyVapid(header(), withoutKey)).type).toBe('verified');
  expect(await verifyVapid(header({ signer: other }), withoutKey)).toEqual(refused('vapid-bad-signature'));
});
