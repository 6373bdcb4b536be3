import { describe, expect, test } from 'vitest';
import { postMessage, push } from './fake-events.test-data.ts';
import { type FakeScope, fakeScope } from './fake-scope.test-data.ts';
import { API, confirmation, noAnswer, unreachable } from './fake-server.test-data.ts';
import { DEVICE, SCOPE } from './fake-storage.test-data.ts';

const SUBSCRIBE = { type: 'SUBSCRIBE' };
const confirmed = { deviceId: 'd1', binding: 'b1', endpoint: 'https://push.example/made/1', vapidPublicKey: 'key-1' };

test('a page that asks for it is subscribed, under a record with a secret of its own', async () => {
  const fake = fakeScope();
  const { answers, state } = await postMessage(fake, SUBSCRIBE);
  expect([answers, state]).toEqual([[['port', { type: 'SUBSCRIBED', deviceId: 'd1' }]], 'done']);
  const { device } = fake.storage.records;
  expect(device).toEqual({
    api: API,
    deviceSecret: expect.stringMatching(/^[\w-]{43}$/),
    intent: 'on',
    user: null,
    token: null,
    confirmed,
    leaving: [],
  });
  expect(fake.server.requests).toEqual([
    { route: `GET ${API}/public-key`, headers: { 'content-type': 'application/json' }, body: null },
    {
      route: `POST ${API}/subscribe`,
      headers: { 'content-type': 'application/json' },
      body: {
        deviceSecret: device?.deviceSecret,
        endpoint: 'https://push.example/made/1',
        keys: { p256dh: 'p', auth: 'a' },
        expirationTime: null,
        vapidPublicKey: 'key-1',
        origin: 'https://app.example',
        scope: SCOPE,
      },
    },
  ]);
});

test('from then on messages are told from those of others', async () => {
  const fake = fakeScope();
  await postMessage(fake, SUBSCRIBE);
  await push(fake, { title: 'Mine', belfry: { v: 1, id: 'm1', binding: 'b1', seq: 1 } });
  await push(fake, { title: 'Of another', belfry: { v: 1, id: 'm2', binding: 'b2', seq: 2 } });
  expect(fake.screen.map(({ title }) => title)).toEqual(['Mine', 'News']);
});

test('without a port the page itself is answered', async () => {
  const { answers } = await postMessage(fakeScope(), SUBSCRIBE, { hasPort: false });
  expect(answers).toEqual([['page', { type: 'SUBSCRIBED', deviceId: 'd1' }]]);
});

test.each([
  ['/push', 'https://app.example/push'],
  ['/push/', 'https://app.example/push'],
  ['https://push.example.net/api', 'https://push.example.net/api'],
])('the server is where the option api says: %s', async (api, expected) => {
  const fake = fakeScope({ api });
  await postMessage(fake, SUBSCRIBE);
  expect(fake.storage.records.device?.api).toBe(expected);
  expect(fake.server.requests[0]?.route).toBe(`GET ${expected}/public-key`);
});

test('secrets are of 32 random bytes', async () => {
  const secretOf = async () => {
    const fake = fakeScope();
    await postMessage(fake, SUBSCRIBE);
    return fake.storage.records.device?.deviceSecret ?? '';
  };
  const secrets = await Promise.all(Array.from({ length: 20 }, secretOf));
  expect(new Set(secrets).size).toBe(20);
  for (const secret of secrets) {
    expect(atob(secret.replaceAll('-', '+').replaceAll('_', '/'))).toHaveLength(32);
  }
});

test('a record that is there keeps its secret, user and token', async () => {
  const device = { ...DEVICE, intent: 'signed-out', token: 'token-1', confirmed: null } as const;
  const fake = fakeScope({ device, api: '/else' });
  await postMessage(fake, SUBSCRIBE);
  expect(fake.storage.records.device).toEqual({ ...device, intent: 'on', confirmed });
  expect(fake.server.requests).toMatchObject([
    { route: `GET ${API}/public-key` },
    {
      route: `POST ${API}/subscribe`,
      headers: { authorization: 'Bearer token-1' },
      body: { deviceSecret: 'secret-1' },
    },
  ]);
});

test('two pages that ask at once are one device', async () => {
  const fake = fakeScope();
  const both = await Promise.all([postMessage(fake, SUBSCRIBE), postMessage(fake, SUBSCRIBE)]);
  expect(both).toMatchObject([
    { answers: [['port', { type: 'SUBSCRIBED' }]] },
    { answers: [['port', { type: 'SUBSCRIBED' }]] },
  ]);
  const secrets = fake.server.requests.map(({ body }) => {
    const { deviceSecret }: { deviceSecret?: string } = Object(body);
    return deviceSecret;
  });
  expect(new Set(secrets.filter(Boolean))).toEqual(new Set([fake.storage.records.device?.deviceSecret]));
});

describe('a page that cannot be subscribed is told why:', () => {
  const answering = (status: number) => () => Response.json({ error: { id: 'x' } }, { status });
  test.each<[string, string, (fake: FakeScope) => void]>([
    ['the storage fails', 'storage-failed', (fake) => (fake.storage.state = 'fails')],
    ['the storage hangs', 'storage-failed', (fake) => (fake.storage.state = 'hangs')],
    ['the disk is full', 'storage-failed', (fake) => (fake.storage.state = 'full')],
    ['the server tells no key', 'server-failed', (fake) => (fake.server.routes['GET /public-key'] = unreachable)],
    ['the server does not answer', 'server-failed', (fake) => (fake.server.routes['POST /subscribe'] = noAnswer)],
    ['nobody is signed in', 'server-failed', (fake) => (fake.server.routes['POST /subscribe'] = answering(401))],
    [
      'the answer is a page',
      'server-failed',
      (fake) => (fake.server.routes['POST /subscribe'] = () => new Response('<p>')),
    ],
    [
      'the answer has no binding',
      'server-failed',
      (fake) => (fake.server.routes['POST /subscribe'] = () => confirmation({ binding: null })),
    ],
    ['the browser refuses', 'push-failed', (fake) => (fake.push.error = new DOMException('no', 'NotAllowedError'))],
    ['the browser hangs', 'push-failed', (fake) => (fake.push.subscribe = () => new Promise(() => {}))],
  ])('%s', async (_what, code, hinder) => {
    const fake = fakeScope();
    hinder(fake);
    const { answers, state } = await postMessage(fake, SUBSCRIBE);
    expect([answers, state]).toEqual([[['port', { type: 'SUBSCRIBE_FAILED', code }]], 'done']);
    expect(fake.storage.records.device?.confirmed ?? null).toBeNull();
  });
});

test.each([null, 'SUBSCRIBE', ['SUBSCRIBE'], { type: 'subscribe' }, { type: 'SKIP_WAITING' }])(
  "the message %j is the app's",
  async (data) => {
    const fake = fakeScope();
    expect(await postMessage(fake, data)).toMatchObject({ answers: [], state: 'none' });
    expect(fake.server.requests).toEqual([]);
  },
);

describe('where the server has no use for the secret, or the subscription', () => {
  const device = { ...DEVICE, user: null };
  const RENEW = 'POST /subscribe';
  const secretsSent = ({ server }: FakeScope) =>
    server.requests.flatMap(({ body }) => {
      const { deviceSecret }: { deviceSecret?: string } = Object(body);
      return deviceSecret ?? [];
    });

  test.each([
    ['since the device moved', () => confirmation({ deviceId: 'd2', binding: 'b2', renewSecret: true })],
    ['since it is retired', () => Response.json({ error: { id: 'secret-retired' } }, { status: 409 })],
    ['since the device is another', () => confirmation({ deviceId: 'd2', binding: 'b2' })],
  ])('%s, it makes a new one and posts again', async (_why, first) => {
    const fake = fakeScope({ device });
    let asked = 0;
    fake.server.routes[RENEW] = () => (++asked === 1 ? first() : confirmation({ deviceId: 'd2', binding: 'b2' }));
    const { answers } = await postMessage(fake, SUBSCRIBE);
    expect(answers).toEqual([['port', { type: 'SUBSCRIBED', deviceId: 'd2' }]]);
    const { deviceSecret, confirmed: kept } = fake.storage.records.device ?? {};
    expect(secretsSent(fake)).toEqual([DEVICE.deviceSecret, deviceSecret]);
    expect(deviceSecret).toMatch(/^[\w-]{43}$/);
    expect(kept).toMatchObject({ deviceId: 'd2', binding: 'b2' });
  });

  test.each([
    ['is told so', () => confirmation({ deviceId: 'd2', binding: 'b2', renew: true, renewSecret: true })],
    ['sent a retired secret', () => Response.json({ error: { id: 'secret-retired' } }, { status: 409 })],
  ])('a browser that changed hands and %s posts a new secret and a new subscription at once', async (_what, first) => {
    const fake = fakeScope({ device });
    let asked = 0;
    fake.server.routes[RENEW] = () => (++asked === 1 ? first() : confirmation({ deviceId: 'd2', binding: 'b2' }));
    await postMessage(fake, SUBSCRIBE);
    const posted = fake.server.requests.filter(({ route }) => route.endsWith('/subscribe'));
    const endpoint = 'https://push.example/made/2';
    const { deviceSecret } = fake.storage.records.device ?? {};
    expect(posted).toMatchObject([
      { body: { endpoint: 'https://push.example/made/1' } },
      { body: { endpoint, deviceSecret } },
    ]);
    expect(deviceSecret).not.toBe(DEVICE.deviceSecret);
    expect(fake.storage.records.device?.confirmed).toMatchObject({ deviceId: 'd2', endpoint });
    expect(fake.server.requests).toHaveLength(3);
  });

  test('a subscription that another user has is replaced, once, and the secret stays', async () => {
    const conflict = () => Response.json({ error: { id: 'endpoint-conflict' } }, { status: 409 });
    const fake = fakeScope({ device });
    let asked = 0;
    fake.server.routes[RENEW] = () => (++asked === 1 ? conflict() : confirmation());
    expect(await postMessage(fake, SUBSCRIBE)).toMatchObject({ answers: [['port', { type: 'SUBSCRIBED' }]] });
    const endpoint = 'https://push.example/made/2';
    expect(fake.server.requests).toMatchObject([
      { route: expect.stringContaining('/public-key') },
      { body: { endpoint: 'https://push.example/made/1' } },
      { body: { endpoint } },
    ]);
    expect(secretsSent(fake)).toEqual([DEVICE.deviceSecret, DEVICE.deviceSecret]);
    expect(fake.storage.records.device).toMatchObject({ deviceSecret: DEVICE.deviceSecret, confirmed: { endpoint } });

    fake.server.routes[RENEW] = conflict;
    const { answers } = await postMessage(fake, SUBSCRIBE);
    expect(answers).toEqual([['port', { type: 'SUBSCRIBE_FAILED', code: 'server-failed' }]]);
    expect(secretsSent(fake)).toHaveLength(4);
  });

  test('a subscription of the user before is replaced before it is posted', async () => {
    const fake = fakeScope({ device: { ...device, confirmed: null, formerEndpoint: 'https://push.example/made/1' } });
    await fake.push.subscribe({ userVisibleOnly: true, applicationServerKey: 'key-1' });
    await postMessage(fake, SUBSCRIBE);
    expect(fake.server.requests).toMatchObject([{}, { body: { endpoint: 'https://push.example/made/2' } }]);
  });

  test('it asks no more than once again', async () => {
    const fake = fakeScope({ device });
    fake.server.routes[RENEW] = () => confirmation({ renewSecret: true });
    const { answers } = await postMessage(fake, SUBSCRIBE);
    expect(answers).toEqual([['port', { type: 'SUBSCRIBE_FAILED', code: 'server-failed' }]]);
    expect(secretsSent(fake)).toHaveLength(2);
  });
});
