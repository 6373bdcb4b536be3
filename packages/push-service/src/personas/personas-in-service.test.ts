import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { branded, createVapidToken, generateVapidKeys, toSigningKey, vapidAuthorization } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { type Answer, applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { startedService } from '../fixtures/started-service.test-data.ts';
import type { PushServiceOptions } from '../push-service-options.ts';
import type { PersonaName } from './persona.ts';
import { PERSONA_ORIGINS } from './persona-origins.ts';
import { PERSONAS } from './personas.ts';

type Headers = Readonly<Record<string, string | undefined>>;
type Push = (headers?: Headers, body?: Uint8Array, url?: string) => Promise<Answer>;

const stranger = generateVapidKeys();

/** A service with one persona and one subscription in its form, and who sends to it what is right but for its headers. */
async function sender(persona: PersonaName, options: PushServiceOptions = {}) {
  const service = await startedService({ ...options, persona });
  const { endpoint } = service.createSubscription({ applicationServerKey: applicationServer.publicKey });
  const signed = (overridden: Partial<Parameters<typeof authorize>[0]> = {}) =>
    authorize({
      service,
      keys: applicationServer,
      now: Date.now(),
      audience: new URL(endpoint).origin,
      ...overridden,
    });
  const push: Push = (headers = {}, body = new Uint8Array(), url = endpoint) => {
    const { pathname, search } = new URL(url);
    const right = { 'content-length': String(body.length), 'content-encoding': 'aes128gcm', ...signed() };
    return request(service, url, { headers: { ':path': pathname + search, ...right, ...headers }, body });
  };
  return { service, endpoint, signed, push };
}

/** The status and how the service explains it, as far as a program would read it. */
function gist({ status, headers, body }: Answer): string {
  if (headers['x-wns-error-description'] !== undefined)
    return `${status} ${String(headers['x-wns-error-description'])}`;
  if (headers['content-type'] !== 'application/json')
    return `${status} ${/<TITLE>(\w+)/.exec(body)?.[1] ?? body}`.trim();
  const { errno, reason } = JSON.parse(body);
  return `${status} ${errno ?? reason}`;
}

/** What comes of each mistake that a sender can make. */
async function mistakes(persona: PersonaName): Promise<Record<string, string>> {
  const { service, endpoint, signed, push } = await sender(persona);
  const of = async (...args: Parameters<Push>): Promise<string> => gist(await push(...args));
  const subject = (sub: string) =>
    vapidAuthorization({
      token: createVapidToken({
        audience: branded(new URL(endpoint).origin),
        expiresAt: Date.now() / 1000 + 3600,
        subject: branded(sub),
        signingKey: toSigningKey(applicationServer),
      }),
      publicKey: applicationServer.publicKey,
    });
  const found = {
    'no TTL': await of({ ttl: undefined }),
    'TTL of words': await of({ ttl: 'soon' }),
    'TTL 0': await of({ ttl: '0' }),
    'TTL 0, no-cache': await of({ ttl: '0', 'x-wns-cache-policy': 'no-cache' }),
    'topic of 33 characters': await of({ topic: 'a'.repeat(33) }),
    'topic of 9 characters': await of({ topic: 'new_event' }),
    'unknown urgency': await of({ urgency: 'whenever' }),
    'no token': await of({ authorization: undefined }),
    'no JWT': await of({ authorization: 'vapid t=a, k=b' }),
    'key of another': await of(signed({ keys: stranger })),
    'signed by another': await of(signed({ forger: stranger })),
    'for another audience': await of(signed({ audience: 'https://push.example.net' })),
    'token expired': await of(signed({ lifetimeSeconds: -60 })),
    'token for two days': await of(signed({ lifetimeSeconds: 172_800 })),
    'subject on localhost': await of({ authorization: subject('mailto:ops@localhost') }),
    'subject in angle brackets': await of({ authorization: subject('mailto:<ops@example.com>') }),
    'without a length': await of({ 'content-length': undefined }),
    'body of another encoding': await of({ 'content-encoding': 'aesgcm' }, new Uint8Array(100)),
    'longest body': await of({}, new Uint8Array(PERSONAS[persona].maxBodyBytes)),
    'longer body': await of({}, new Uint8Array(PERSONAS[persona].maxBodyBytes + 1)),
    'receipt asked for': await of({ prefer: 'respond-async' }),
    'endpoint of nobody': await of({}, undefined, endpoint.replace(/.{43}$/, 'x'.repeat(43))),
  };
  service.expireSubscription({ endpoint });
  return { ...found, 'subscription that ended': await of() };
}

const unread = '201';

test('FCM, mistake by mistake', async () => {
  expect(await mistakes('fcm')).toEqual({
    'no TTL': '400 InvalidTtlParameter',
    'TTL of words': '400 InvalidTtlParameter',
    'TTL 0': unread,
    'TTL 0, no-cache': unread,
    'topic of 33 characters': '400 invalid topic',
    'topic of 9 characters': unread,
    'unknown urgency': unread,
    'no token': '401 authorization header must be specified.',
    'no JWT': '403 invalid JWT provided',
    'key of another': expect.stringMatching(/^403 the VAPID credentials .* do not correspond/),
    'signed by another': '403 invalid JWT provided',
    'for another audience': expect.stringMatching(/^403 aud claim/),
    'token expired': '403 invalid JWT provided',
    'token for two days': '403 invalid JWT provided',
    'subject on localhost': unread,
    'subject in angle brackets': unread,
    'without a length': unread,
    'body of another encoding': '400 invalid content encoding',
    'longest body': unread,
    'longer body': '413 payload too large',
    'receipt asked for': unread,
    'endpoint of nobody': expect.stringMatching(/^404 A valid push subscription endpoint/),
    'subscription that ended': '410 push subscription has unsubscribed or expired.',
  });
});

test('Mozilla, mistake by mistake', async () => {
  expect(await mistakes('mozilla')).toEqual({
    'no TTL': '400 111',
    'TTL of words': '400 111',
    'TTL 0': unread,
    'TTL 0, no-cache': unread,
    'topic of 33 characters': '400 113',
    'topic of 9 characters': unread,
    'unknown urgency': unread,
    'no token': '401 109',
    'no JWT': '401 109',
    'key of another': '401 109',
    'signed by another': '401 109',
    'for another audience': '401 109',
    'token expired': '401 109',
    'token for two days': '401 109',
    'subject on localhost': unread,
    'subject in angle brackets': unread,
    'without a length': unread,
    'body of another encoding': '400 110',
    'longest body': unread,
    'longer body': '413 104',
    'receipt asked for': unread,
    'endpoint of nobody': '404 102',
    'subscription that ended': '410 106',
  });
});

test('Apple, mistake by mistake', async () => {
  expect(await mistakes('apple')).toEqual({
    'no TTL': '400 BadTtl',
    'TTL of words': '400 BadTtl',
    'TTL 0': unread,
    'TTL 0, no-cache': unread,
    'topic of 33 characters': '400 BadWebPushTopic',
    'topic of 9 characters': '400 BadWebPushTopic',
    'unknown urgency': '400 BadUrgency',
    'no token': '403 BadJwtToken',
    'no JWT': '403 BadJwtToken',
    'key of another': '400 VapidPkHashMismatch',
    'signed by another': '403 BadJwtToken',
    'for another audience': '403 BadJwtToken',
    'token expired': '403 BadJwtToken',
    'token for two days': '403 BadJwtToken',
    'subject on localhost': '403 BadJwtToken',
    'subject in angle brackets': '403 BadJwtToken',
    'without a length': unread,
    'body of another encoding': '400 BadWebPushRequest',
    'longest body': unread,
    'longer body': '413 PayloadTooLarge',
    'receipt asked for': unread,
    'endpoint of nobody': '404 BadPath',
    'subscription that ended': '410 Unregistered',
  });
});

test('WNS, mistake by mistake', async () => {
  expect(await mistakes('wns')).toEqual({
    'no TTL': '400 Ttl value is missing or invalid.',
    'TTL of words': '400 Ttl value is missing or invalid.',
    'TTL 0': '400 Ttl value conflicts with X-WNS-Cache-Policy.',
    'TTL 0, no-cache': unread,
    'topic of 33 characters': '400 Invalid topic.',
    'topic of 9 characters': unread,
    'unknown urgency': unread,
    'no token': '401 Zero or duplicate tokens or token signing keys.',
    'no JWT': '401 Invalid Token',
    'key of another': '403 Not authorized for this channel.',
    'signed by another': '401 Invalid Token',
    'for another audience': '401 Invalid Token',
    'token expired': '401 Invalid Token',
    'token for two days': '401 Invalid Token',
    'subject on localhost': unread,
    'subject in angle brackets': unread,
    'without a length': '411 Length Required',
    'body of another encoding': '400 Invalid content encoding.',
    'longest body': unread,
    'longer body': '413 Payload exceeds 5000 bytes.',
    'receipt asked for': unread,
    'endpoint of nobody': '404 Channel not found.',
    'subscription that ended': '410 Channel expired.',
  });
});

test.each([
  ['fcm', 429, /^[1-9]\d?$/, undefined],
  ['mozilla', 503, /^120$/, undefined],
  ['apple', 429, undefined, undefined],
  ['wns', 406, /^[1-9]\d?$/, /^[1-9]\d?$/],
] as const)('too many pushes at once are, at %s, %i', async (persona, status, retryAfter, continueAfter) => {
  const { push } = await sender(persona, { maxPushesPerMinute: 1 });
  // In two minutes, if a minute of the clock ends meanwhile.
  const answers = [await push(), await push(), await push()];
  const refused = answers.find((answer) => answer.status !== 201);
  expect(refused?.status).toBe(status);
  const given = [refused?.headers['retry-after'], refused?.headers['x-wns-continue-after']];
  expect(given).toEqual([retryAfter, continueAfter].map((form) => form && expect.stringMatching(form)));
});

test.each([
  ['fcm', '2419200', []],
  ['mozilla', '2592000', []],
  ['apple', '2592000', ['apns-id']],
  ['wns', '2592000', ['x-wns-debug-trace', 'x-wns-msg-id', 'x-wns-notificationstatus', 'x-wns-status']],
] as const)(
  'a push that %s takes has a Location there, a TTL of at most %s seconds, and %s',
  async (persona, ttl, own) => {
    const { endpoint, push } = await sender(persona);
    const { status, headers } = await push({ ttl: '9999999' });
    expect([status, headers['ttl']]).toEqual([201, ttl]);
    expect(headers.location?.startsWith(`${new URL(endpoint).origin}/m/`)).toBe(true);
    expect(
      Object.keys(headers)
        .filter((name) => /^(apns|x-wns)-/.test(name))
        .toSorted(),
    ).toEqual(own);
  },
);

test('the origins of Mozilla, Apple and WNS answer as theirs, whatever the service does', async () => {
  const service = await startedService();
  const gists = ['mozilla', 'apple', 'wns', 'fcm'].map(async (name) => {
    const origin = Object.entries(PERSONA_ORIGINS).find(([persona]) => persona === name)?.[1] ?? '';
    return gist(await request(service, `${origin}/wpush/v2/nobody`));
  });
  expect(await Promise.all(gists)).toEqual(['404 102', '404 BadPath', '404 Channel not found.', '404 102']);
});

test('a chunked body over HTTP/1.1 is 411 at WNS, and taken at the others', async () => {
  const statuses = (['rfc8030', 'fcm', 'mozilla', 'apple', 'wns'] as const).map(async (persona) => {
    const { service, endpoint, signed } = await sender(persona);
    const { origin, pathname, search } = new URL(endpoint);
    const { hostname, host } = new URL(origin);
    const sent = https.request({
      ...service.address,
      method: 'POST',
      path: pathname + search,
      servername: hostname,
      ca: service.certificateAuthority,
      agent: false,
      headers: { host, ttl: '60', 'content-encoding': 'aes128gcm', 'transfer-encoding': 'chunked', ...signed() },
    });
    sent.end(new Uint8Array(100));
    const [response]: IncomingMessage[] = await once(sent, 'response');
    response?.resume();
    return response?.statusCode;
  });
  expect(await Promise.all(statuses)).toEqual([201, 201, 201, 201, 411]);
});
