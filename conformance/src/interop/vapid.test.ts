import {
  createVapidToken,
  endpointOrigin,
  generateVapidKeys,
  parseEndpoint,
  parseSubject,
  parseVapidAuthorization,
  parseVapidKeys,
  toSigningKey,
  type VapidKeys,
  vapidAuthorization,
} from '@belfry/protocol';
import { importJWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import webPush from 'web-push';
import { aUserAgent, parsed } from './a-user-agent.test-data.ts';

const AUDIENCE = 'https://push.example.net:8443';
const SUBJECT = 'mailto:ops@example.com';
const TWELVE_HOURS = 12 * 3600;

/** Checks signature, audience, subject and expiry with jose, knowing only the token and the public key beside it. */
async function verifyWithJose({ token, publicKey, now }: { token: string; publicKey: string; now: Date }) {
  const point = Buffer.from(publicKey, 'base64url');
  const coordinate = (start: number) => point.subarray(start, start + 32).toString('base64url');
  const key = await importJWK({ kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }, 'ES256');
  return await jwtVerify(token, key, {
    algorithms: ['ES256'],
    audience: AUDIENCE,
    subject: SUBJECT,
    typ: 'JWT',
    requiredClaims: ['exp'],
    currentDate: now,
  });
}

/** The header's value, signed with these keys. */
function ourAuthorization(keys: VapidKeys, expiresAt: number): string {
  const token = createVapidToken({
    audience: endpointOrigin(parsed(parseEndpoint(`${AUDIENCE}/wpush/v2/abc`))),
    expiresAt,
    subject: parsed(parseSubject(SUBJECT)),
    signingKey: toSigningKey(keys),
  });
  return vapidAuthorization({ token, publicKey: keys.publicKey });
}

/** Token and key as RFC 8292 §3 writes them, read without Belfry's parser. */
function parts(header: string): { token: string; publicKey: string } {
  const [, token = '', publicKey = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header) ?? [];
  return { token, publicKey };
}

test("jose verifies Belfry's token with the key that stands in the header, until it expires", async () => {
  const now = Date.UTC(2030, 0, 1);
  const expiresAt = now / 1000 + TWELVE_HOURS;
  const { token, publicKey } = parts(ourAuthorization(generateVapidKeys(), expiresAt));
  const { payload } = await verifyWithJose({ token, publicKey, now: new Date(now) });
  expect(payload).toEqual({ aud: AUDIENCE, exp: expiresAt, sub: SUBJECT });
  const expired = new Date((expiresAt + 1) * 1000);
  await expect(verifyWithJose({ token, publicKey, now: expired })).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  const stranger = generateVapidKeys().publicKey;
  await expect(verifyWithJose({ token, publicKey: stranger, now: new Date(now) })).rejects.toMatchObject({
    code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

test("Belfry reads web-push's header, and its token holds under the key that was read", async () => {
  const keys = webPush.generateVAPIDKeys();
  const header = webPush.getVapidHeaders(AUDIENCE, SUBJECT, keys.publicKey, keys.privateKey, 'aes128gcm');
  const { token, publicKey } = parsed(parseVapidAuthorization(header.Authorization));
  expect(publicKey).toBe(keys.publicKey);
  await verifyWithJose({ token, publicKey, now: new Date() });
});

test("Belfry takes web-push's keys, and signs with them as web-push does", async () => {
  const keys = parsed(parseVapidKeys(webPush.generateVAPIDKeys()));
  const now = new Date();
  const { token, publicKey } = parts(ourAuthorization(keys, now.getTime() / 1000 + TWELVE_HOURS));
  expect(publicKey).toBe(keys.publicKey);
  await verifyWithJose({ token, publicKey, now });
});

test("web-push takes Belfry's keys, and jose verifies what it signs with them", async () => {
  const keys = generateVapidKeys();
  const subscription = { endpoint: `${AUDIENCE}/wpush/v2/abc`, keys: aUserAgent().keys };
  const { headers } = webPush.generateRequestDetails(subscription, null, {
    vapidDetails: { subject: SUBJECT, ...keys },
  });
  const { token, publicKey } = parsed(parseVapidAuthorization(headers['Authorization'] ?? ''));
  expect(publicKey).toBe(keys.publicKey);
  await verifyWithJose({ token, publicKey, now: new Date() });
});
