import {
  createPushRequest,
  createVapidToken,
  decrypt,
  encrypt,
  endpointOrigin,
  generateVapidKeys,
  type PushRequest,
  parseEndpoint,
  parseSubject,
  parseTopic,
  parseVapidAuthorization,
  toSigningKey,
  toTtl,
  type Urgency,
  vapidAuthorization,
} from '@belfry/protocol';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import webPush from 'web-push';
import { aUserAgent, parsed } from './a-user-agent.test-data.ts';

// WNS's %2b must survive in the path, and the port belongs to the audience.
const ENDPOINT = 'https://push.example.net:8443/w/?token=BQYAAAC%2b';
const SUBJECT = 'mailto:ops@example.com';
const PAYLOAD = Buffer.from('{"title":"Expense approved"}');
const TTL = 3600;

const agent = aUserAgent();
const keys = generateVapidKeys();

interface Variant {
  readonly payload?: Buffer;
  readonly urgency?: Urgency;
  readonly topic?: string;
}

function ours({ payload, urgency, topic }: Variant): PushRequest {
  const endpoint = parsed(parseEndpoint(ENDPOINT));
  const token = createVapidToken({
    audience: endpointOrigin(endpoint),
    expiresAt: Date.now() / 1000 + 12 * 3600,
    subject: parsed(parseSubject(SUBJECT)),
    signingKey: toSigningKey(keys),
  });
  return createPushRequest({
    endpoint,
    ttl: parsed(toTtl(TTL)),
    authorization: vapidAuthorization({ token, publicKey: keys.publicKey }),
    ...(payload && { body: encrypt({ plaintext: payload, ...agent }) }),
    ...(urgency && { urgency }),
    ...(topic && { topic: parsed(parseTopic(topic)) }),
  });
}

function theirs({ payload, urgency, topic }: Variant) {
  return webPush.generateRequestDetails({ endpoint: ENDPOINT, keys: agent.keys }, payload, {
    TTL,
    vapidDetails: { subject: SUBJECT, ...keys },
    urgency,
    topic,
  });
}

/**
 * A request's headers by what they mean. Differences that are meant, and are evened out here:
 * - names: Belfry's are in lower case, as HTTP/2 wants them (RFC 9113 §8.2); HTTP/1.1 does not tell case apart;
 * - values: Belfry's are text, web-push gives `TTL` and `Content-Length` as numbers, which Node writes as the same text;
 * - the token differs in each request: expiry, and ECDSA's random number. Its header and its other claims do not.
 */
function meaningOf(headers: Readonly<Record<string, string | number>>) {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const { authorization = '', ...others } = named;
  const { token, publicKey } = parsed(parseVapidAuthorization(authorization));
  const { exp, ...claims } = decodeJwt(token);
  return { ...others, publicKey, claims, expires: typeof exp };
}

const variants: [name: string, variant: Variant][] = [
  ['with a payload', { payload: PAYLOAD, urgency: 'normal' }],
  ['with urgency and topic', { payload: PAYLOAD, urgency: 'high', topic: 'expense-4821' }],
  ['without a payload', { urgency: 'very-low' }],
];

test.each(variants)('a request %s has the same headers as one of web-push', (_name, variant) => {
  expect(meaningOf(ours(variant).headers)).toEqual(meaningOf(theirs(variant).headers));
});

test('only where no urgency is asked for do the headers differ: web-push writes out the default of RFC 8030 §5.3', () => {
  const variant = { payload: PAYLOAD };
  expect({ ...meaningOf(ours(variant).headers), urgency: 'normal' }).toEqual(meaningOf(theirs(variant).headers));
  expect(ours(variant).headers).not.toHaveProperty('urgency');
});

test('a request goes to the same place, octet for octet', () => {
  const request = ours({});
  const url = new URL(theirs({}).endpoint);
  expect(request.origin).toBe(url.origin);
  // web-push parses the endpoint when it sends, and passes on path and query as they are.
  expect(`${request.origin}${request.path}`).toBe(ENDPOINT);
});

test('both bodies open to the same payload, and are of the same length', () => {
  const bodies = [ours({ payload: PAYLOAD }).body, theirs({ payload: PAYLOAD }).body ?? Buffer.alloc(0)];
  for (const body of bodies) {
    const opened = decrypt({ body, privateKey: agent.ecdh.getPrivateKey(), auth: agent.auth });
    expect(Buffer.from(parsed(opened)).toString()).toBe(PAYLOAD.toString());
  }
  expect(bodies[0]?.length).toBe(bodies[1]?.length);
});

test('a request without payload has no body in either', () => {
  expect(ours({}).body).toHaveLength(0);
  expect(theirs({}).body).toBeNull();
});
