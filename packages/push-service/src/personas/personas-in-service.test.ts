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

type Sender = Awaited<ReturnType<typeof sender>>;

function signedFor(subject: string, { endpoint }: Sender): Headers {
  const token = createVapidToken({
    audience: branded(new URL(endpoint).origin),
    expiresAt: Date.now() / 1000 + 3600,
    subject: branded(subject),
    signingKey: toSigningKey(applicationServer),
  });
  return { authorization: vapidAuthorization({ token, publicKey: applicationServer.publicKey }) };
}

const JWT = '403 invalid JWT provided';
const badJwt = { fcm: JWT, mozilla: '401 109', apple: '403 BadJwtToken', wns: '401 Invalid Token' };
const badTtl = { fcm: '400 InvalidTtlParameter', mozilla: '400 111', apple: '400 BadTtl' };

/** A mistake of a sender, and what each service makes of it; 201 where it says nothing. */
const mistakes: readonly (readonly [string, (sender: Sender) => Headers, Partial<Record<PersonaName, string>>])[] = [
  ['none', () => ({}), {}],
  ['no TTL', () => ({ ttl: undefined }), { ...badTtl, wns: '400 Ttl value is missing or invalid.' }],
  ['a TTL of words', () => ({ ttl: 'soon' }), { ...badTtl, wns: '400 Ttl value is missing or invalid.' }],
  ['TTL 0', () => ({ ttl: '0' }), { wns: '400 Ttl value conflicts with X-WNS-Cache-Policy.' }],
  ['TTL 0, not cached', () => ({ ttl: '0', 'x-wns-cache-policy': 'no-cache' }), {}],
  [
    'a topic of 33 characters',
    () => ({ topic: 'a'.repeat(33) }),
    { fcm: '400 invalid topic', mozilla: '400 113', apple: '400 BadWebPushTopic', wns: '400 Invalid topic.' },
  ],
  ['a topic of 9 characters', () => ({ topic: 'new_event' }), { apple: '400 BadWebPushTopic' }],
  ['an unknown urgency', () => ({ urgency: 'whenever' }), { apple: '400 BadUrgency' }],
  [
    'no token',
    () => ({ authorization: undefined }),
    {
      ...badJwt,
      fcm: '401 authorization header must be specified.',
      wns: '401 Zero or duplicate tokens or token signing keys.',
    },
  ],
  ['no JWT', () => ({ authorization: 'vapid t=a, k=b' }), badJwt],
  [
    'the key of another',
    ({ signed }) => signed({ keys: stranger }),
    {
      fcm: '403 the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.',
      mozilla: '401 109',
      apple: '400 VapidPkHashMismatch',
      wns: '403 Not authorized for this channel.',
    },
  ],
  ['signed by another', ({ signed }) => signed({ forger: stranger }), badJwt],
  [
    'signed for elsewhere',
    ({ signed }) => signed({ audience: 'https://push.example.net' }),
    { ...badJwt, fcm: '403 aud claim in the token MUST include the origin of the push resource URL' },
  ],
  ['an expired token', ({ signed }) => signed({ lifetimeSeconds: -60 }), badJwt],
  ['a token for two days', ({ signed }) => signed({ lifetimeSeconds: 172_800 }), badJwt],
  ['a subject on localhost', (to) => signedFor('mailto:ops@localhost', to), { apple: '403 BadJwtToken' }],
  ['a subject in brackets', (to) => signedFor('mailto:<ops@example.com>', to), { apple: '403 BadJwtToken' }],
  ['no length', () => ({ 'content-length': undefined }), { wns: '411 Length Required' }],
  ['a receipt', () => ({ prefer: 'respond-async' }), {}],
];

const personas = ['fcm', 'mozilla', 'apple', 'wns'] as const;

test.each(personas)('the mistakes of senders, as %s answers them', async (persona) => {
  const to = await sender(persona);
  const answers = await Promise.all(
    mistakes.map(async ([name, headers]) => [name, gist(await to.push(headers(to)))] as const),
  );
  const expected = mistakes.map(([name, , byPersona]) => [name, byPersona[persona] ?? '201']);
  expect(answers).toEqual(expected);
});

test.each([
  ['fcm', 4096, '413 payload too large', '400 invalid content encoding'],
  ['mozilla', 5630, '413 104', '400 110'],
  ['apple', 4096, '413 PayloadTooLarge', '400 BadWebPushRequest'],
  ['wns', 5000, '413 Payload exceeds 5000 bytes.', '400 Invalid content encoding.'],
] as const)('%s takes bodies of %i bytes, and of aes128gcm only', async (persona, bytes, tooLarge, badEncoding) => {
  const { push } = await sender(persona);
  expect(gist(await push({}, new Uint8Array(bytes)))).toBe('201');
  expect(gist(await push({}, new Uint8Array(bytes + 1)))).toBe(tooLarge);
  expect(gist(await push({ 'content-encoding': 'aesgcm' }, new Uint8Array(100)))).toBe(badEncoding);
});

test.each([
  [
    'fcm',
    '404 A valid push subscription endpoint should be specified in the URL',
    '410 push subscription has unsubscribed or expired.',
  ],
  ['mozilla', '404 102', '410 106'],
  ['apple', '404 BadPath', '410 Unregistered'],
  ['wns', '404 Channel not found.', '410 Channel expired.'],
] as const)('at %s an endpoint of nobody is %s, and one that ended %s', async (persona, nobody, ended) => {
  const { service, endpoint, push } = await sender(persona);
  expect(gist(await push({}, undefined, endpoint.replace(/.{43}$/, 'x'.repeat(43))))).toBe(nobody);
  service.expireSubscription({ endpoint });
  expect(gist(await push())).toBe(ended);
});

test('an endpoint of WNS that was decoded leads nowhere', async () => {
  const { endpoint, push } = await sender('wns');
  expect(gist(await push({}, undefined, endpoint.replaceAll('%2b', '+')))).toBe('404 Channel not found.');
});

test.each([
  ['fcm', 429, 'at the next minute', 'undefined'],
  ['mozilla', 503, '120', 'undefined'],
  ['apple', 429, 'undefined', 'undefined'],
  ['wns', 406, 'at the next minute', 'at the next minute'],
] as const)(
  'too many pushes at once are, at %s, %i, to come again %s',
  async (persona, status, after, continueAfter) => {
    const { push } = await sender(persona, { maxPushesPerMinute: 1 });
    // In two minutes, if a minute of the clock ends meanwhile.
    const answers = [await push(), await push(), await push()];
    const refused = answers.find((answer) => answer.status !== 201);
    const given = ['retry-after', 'x-wns-continue-after'].map((name) => String(refused?.headers[name]));
    expect([refused?.status, ...given.map((seconds) => seconds.replace(/^[1-9]\d?$/, 'at the next minute'))]).toEqual([
      status,
      after,
      continueAfter,
    ]);
  },
);

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
  const nobody = async (persona: keyof typeof PERSONA_ORIGINS): Promise<string> => {
    const answer = await request(service, `${PERSONA_ORIGINS[persona]}/wpush/v2/nobody`);
    return `${gist(answer)}, ${answer.body.includes('more_info') ? 'more info' : 'no more'}`;
  };
  expect(await nobody('mozilla')).toBe('404 102, more info');
  expect(await nobody('apple')).toBe('404 BadPath, no more');
  expect(await nobody('wns')).toBe('404 Channel not found., no more');
  // That of Chrome: as the service itself answers.
  expect(await nobody('fcm')).toBe('404 102, no more');
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
