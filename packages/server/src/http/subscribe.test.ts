import { randomBytes } from 'node:crypto';
import { encodeBase64Url, generateVapidKeys } from '@belfry/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BelfryErrorId } from '../errors.ts';
import { aSecret, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

const publicKey = expect.stringMatching(/^[\w-]{87}$/);
const saved = {
  status: 201,
  body: {
    data: {
      success: true,
      deviceId: expect.any(String),
      binding: expect.any(String),
      publicKey,
      renew: false,
      renewSecret: false,
    },
  },
};
const refused = (status: number, id: string) => ({ status, body: { error: { id, message: expect.any(String) } } });

test('the public key is there for anyone', async () => {
  const answer = await server.post('/public-key', { method: 'GET', user: null });
  expect(answer).toEqual({ status: 200, body: { publicKey } });
});

describe('subscribing', () => {
  test('keeps all that the page says, and twice is once', async () => {
    const { subscription } = subscribeAtSink();
    const body = {
      ...subscription,
      expirationTime: null,
      deviceSecret: encodeBase64Url(randomBytes(32)),
      origin: ORIGIN,
      scope: `${ORIGIN}/push/`,
      timeZone: 'Europe/Rome',
      lang: 'it-IT',
    };
    const first = await server.post('/subscribe', { body, user: 'all' });
    expect(first).toEqual(saved);
    expect(await server.post('/subscribe', { body, user: 'all' })).toEqual(first);
    expect(await server.devicesOf('all')).toMatchObject([
      {
        endpoint: subscription.endpoint,
        pageOrigin: ORIGIN,
        workerScope: `${ORIGIN}/push/`,
        timeZone: 'Europe/Rome',
        lang: 'it-IT',
        state: 'live',
      },
    ]);
  });

  test('works with no more than a PushSubscription has', async () => {
    expect(await server.post('/subscribe', { body: subscribeAtSink().subscription })).toEqual(saved);
  });

  test.each([
    ['Europe/Rome', 'Europe/Rome'],
    ['eUROPE/rOME', 'Europe/Rome'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['+02:17', null],
    ['-0330', null],
    ['\u221202:00', null],
    ['Mars/Olympus', null],
    ['', null],
  ])('keeps the time zone %j as %j', async (timeZone, kept) => {
    const user = `zone ${timeZone}`;
    const body = { ...subscribeAtSink().subscription, timeZone };
    expect(await server.post('/subscribe', { body, user: encodeURI(user) })).toEqual(saved);
    expect(await server.devicesOf(encodeURI(user))).toMatchObject([{ timeZone: kept }]);
  });

  test.each([
    'fcm.googleapis.com/fcm/send/dXv4:APA91b-x_yz',
    'fcm.googleapis.com/wp/token',
    'fcm.googleapis.com/preprod/wp/token',
    'jmt17.google.com/fcm/send/token',
    'updates.push.services.mozilla.com/wpush/v1/gAAAA-_x',
    'updates.push.services.mozilla.com/wpush/v2/gAAAA-_x',
    'web.push.apple.com/QGkk-x_y',
    'wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2bx%2f%3d',
    'db5p.notify.windows.com/w/?token=BQYAAAC%2bx%2f%3d',
    'db5p.notify.windows.com/w/?token=BQYAAAC%2Bx%2F%3D',
  ])('takes %s from a page that is same-origin by Sec-Fetch-Site', async (url) => {
    const body = { ...subscribeAtSink().subscription, endpoint: `https://${url}` };
    const request = new Request(`${ORIGIN}/api/push/subscribe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', 'x-user': 'same-site' },
      body: JSON.stringify(body),
    });
    expect((await server.belfry.handle(request)).status).toBe(201);
  });
});

const point = generateVapidKeys().publicKey;
const { subscription } = subscribeAtSink();
const { keys } = subscription;
const offCurve = `${point.slice(0, -1)}${point.endsWith('A') ? 'E' : 'A'}`;

describe.each<[string, unknown, number, BelfryErrorId]>([
  ['without an endpoint', { keys }, 400, 'no-endpoint'],
  ['with an empty endpoint', { ...subscription, endpoint: '' }, 400, 'no-endpoint'],
  ['that is no object', 'null', 400, 'no-endpoint'],
  ['with an endpoint that is no URL', { ...subscription, endpoint: 'nonsense' }, 400, 'invalid-endpoint'],
  ['with an http endpoint', { ...subscription, endpoint: 'http://fcm.googleapis.com/x' }, 400, 'endpoint-not-https'],
  ...['127.0.0.1', '10.1.2.3', '[::1]', '[::ffff:c0a8:1]', '169.254.169.254', 'localhost', 'db.internal'].map(
    (host) =>
      [`at ${host}`, { ...subscription, endpoint: `https://${host}/x` }, 400, 'endpoint-private-address'] satisfies [
        string,
        unknown,
        number,
        BelfryErrorId,
      ],
  ),
  ...['api.push.apple.com', '1-courier.push.apple.com', 'push.apple.com', 'web.push.apple.com.evil.example'].map(
    (host) =>
      [
        `at ${host}`,
        { ...subscription, endpoint: `https://${host}/token` },
        400,
        'endpoint-host-not-allowed',
      ] satisfies [string, unknown, number, BelfryErrorId],
  ),
  ['at an unknown host', { ...subscription, endpoint: 'https://evil.example/x' }, 400, 'endpoint-host-not-allowed'],
  [
    'at a known host, other port',
    { ...subscription, endpoint: 'https://fcm.googleapis.com:22/x' },
    400,
    'endpoint-host-not-allowed',
  ],
  ...[
    'fcm.googleapis.com/v1/projects/x/messages:send',
    'fcm.googleapis.com/fcm/send/',
    'fcm.googleapis.com/fcm/send/token?1',
    'fcm.googleapis.com/fcm/send/../x',
    'updates.push.services.mozilla.com/wpush/v3/token',
    'updates.push.services.mozilla.com/status',
    'web.push.apple.com/',
    'web.push.apple.com/token?1',
    'web.push.apple.com/3/device/token',
    'web.push.apple.com/token/',
    ...[
      '..%2fx',
      'a%2Fb',
      'x%2e%2e',
      'x%2E',
      'a/b',
      'a//b',
      'a%5cb',
      'a%00',
      'a%0d%0aX:1',
      'a%7F',
      'a%25',
      'a;b',
      '%C3%A4',
      // Other spellings of a token.
      'cZ1%3AAPA91b',
      'cZ1%3aAPA91b',
      'cZ1:APA91b=',
      'cZ1:APA91b%3D',
      'cZ1:APA91b.',
      'cZ1:APA91b~',
      'cZ1:APA91%62',
      'cZ1:+APA91b',
    ].flatMap((token) => [
      `fcm.googleapis.com/fcm/send/${token}`,
      `jmt17.google.com/wp/${token}`,
      `updates.push.services.mozilla.com/wpush/v2/${token}`,
      `web.push.apple.com/${token}`,
    ]),
    'fcm.googleapis.com/FCM/send/token',
    'wns2-par02p.notify.windows.com/w/?token=a%00',
    'wns2-par02p.notify.windows.com/w/?token=a%26x=1',
    'wns2-par02p.notify.windows.com/w/?token=',
    'wns2-par02p.notify.windows.com/',
    'wns2-par02p.notify.windows.com/w/?token=a&1',
    'wns2-par02p.notify.windows.com/w/?token=a%2bb%2Bc',
    'wns2-par02p.notify.windows.com/w/?token=a+b',
    'wns2-par02p.notify.windows.com/w/?token=%61',
    'wns2-par02p.notify.windows.com/x/?token=a',
  ].map(
    (url) =>
      [
        `that its push service never gives out: ${url}`,
        { ...subscription, endpoint: `https://${url}` },
        400,
        'invalid-endpoint',
      ] satisfies [string, unknown, number, BelfryErrorId],
  ),
  ['without keys', { endpoint: subscription.endpoint }, 400, 'invalid-p256dh'],
  [
    'with a p256dh of 64 bytes',
    { ...subscription, keys: { ...keys, p256dh: point.slice(0, 86) } },
    400,
    'invalid-p256dh',
  ],
  ['with a p256dh off the curve', { ...subscription, keys: { ...keys, p256dh: offCurve } }, 400, 'invalid-p256dh'],
  ['with a p256dh that is no text', { ...subscription, keys: { ...keys, p256dh: 7 } }, 400, 'invalid-p256dh'],
  ['with an auth of 15 bytes', { ...subscription, keys: { ...keys, auth: 'A'.repeat(20) } }, 400, 'invalid-auth'],
  ['with a short device secret', { ...subscription, deviceSecret: 'AAAA' }, 400, 'invalid-subscription'],
  ['of another page', { ...subscription, origin: 'https://evil.example' }, 400, 'invalid-subscription'],
  ['of another scope', { ...subscription, scope: 'https://evil.example/' }, 400, 'invalid-subscription'],
  ['that expires beyond all time', { ...subscription, expirationTime: 1e17 }, 400, 'invalid-subscription'],
  ['that expires before all time', { ...subscription, expirationTime: -1 }, 400, 'invalid-subscription'],
  ['in a language with a NUL', { ...subscription, lang: 'it\u0000' }, 400, 'invalid-subscription'],
  ['under a foreign VAPID key', { ...subscription, vapidPublicKey: point }, 409, 'unknown-vapid-key'],
  ['that is not JSON', '{"endpoint":', 400, 'invalid-json'],
  ['that is too large', { ...subscription, padding: 'x'.repeat(20_000) }, 413, 'body-too-large'],
])('a subscription %s', (_what, body, status, id) => {
  test(`is refused with ${status} ${id}`, async () => {
    server.clock.advance(60_000);
    expect(await server.post('/subscribe', { body, user: 'refused' })).toEqual(refused(status, id));
  });
});

describe('subscribing', () => {
  test.each([
    ['by nobody', { user: null }, 401, 'not-signed-in'],
    [
      'by a form of another site',
      { headers: { origin: 'https://evil.example', 'content-type': 'text/plain' } },
      403,
      'cross-site-request',
    ],
    ['by a page of another site', { headers: { origin: 'https://evil.example' } }, 403, 'cross-site-request'],
    ['by a sandboxed page', { headers: { origin: 'null' } }, 403, 'cross-site-request'],
    ['as a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'unsupported-media-type'],
    ['with too large a length', { headers: { 'content-length': '1000000' } }, 413, 'body-too-large'],
  ])('%s is refused', async (_what, change, status, id) => {
    const answer = await server.post('/subscribe', {
      body: subscribeAtSink().subscription,
      user: 'refused',
      ...change,
    });
    expect(answer).toEqual(refused(status, id));
  });

  test('where neither Origin nor Sec-Fetch-Site is sent is refused', async () => {
    const request = new Request(`${ORIGIN}/api/push/subscribe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'refused' },
      body: JSON.stringify(subscription),
    });
    expect((await server.belfry.handle(request)).status).toBe(403);
  });

  test('with an endpoint that another user holds under other keys is refused, and that user keeps it', async () => {
    const mine = subscribeAtSink('shared');
    await server.post('/subscribe', { body: mine.subscription, user: 'owner' });
    const theft = subscribeAtSink('shared').subscription;
    expect(await server.post('/subscribe', { body: theft, user: 'refused' })).toEqual(
      refused(409, 'endpoint-conflict'),
    );
    expect(await server.devicesOf('owner')).toMatchObject([{ endpoint: mine.subscription.endpoint, state: 'live' }]);
  });

  test('with a token in place of cookies is for the user whom authenticate finds by it', async () => {
    await server.restart({
      authenticate: (request) => /^Bearer token-of-(.+)$/.exec(request.headers.get('authorization') ?? '')?.[1],
    });
    const { subscription: body } = subscribeAtSink();
    const withToken = (token: string, origin = ORIGIN) =>
      server.post('/subscribe', { body, user: null, headers: { authorization: `Bearer ${token}`, origin } });
    expect(await withToken('nonsense')).toEqual(refused(401, 'not-signed-in'));
    expect(await withToken('token-of-tom', 'https://evil.example')).toEqual(refused(403, 'cross-site-request'));
    expect(await withToken('token-of-tom')).toEqual(saved);
    expect(await server.belfry.devicesOf('tom')).toHaveLength(1);
    await server.restart();
  });

  test('that was refused has stored nothing', async () => {
    expect(await server.devicesOf('refused')).toEqual([]);
  });

  test('with an endpoint, keys and secret that another user had moves the device, under a new binding', async () => {
    const shared = { ...subscribeAtSink().subscription, deviceSecret: aSecret() };
    const before = await server.post('/subscribe', { body: shared, user: 'before' });
    const after = await server.post('/subscribe', { body: shared, user: 'after' });
    expect(after).toMatchObject({ status: 201, body: { data: { renew: true, renewSecret: true } } });
    expect(after).not.toEqual(before);
    expect(await server.devicesOf('before')).toEqual([]);
  });

  test.each([
    ['another secret', 'holder-1', aSecret()],
    ['no secret', 'holder-2', undefined],
  ])(
    "with another user's endpoint and keys, but %s, is refused, and that user keeps it",
    async (_which, user, deviceSecret) => {
      const held = await subscribeBrowser(server, { user });
      const theft = { ...held.subscription, deviceSecret };
      expect(await server.post('/subscribe', { body: theft, user: 'refused' })).toEqual(
        refused(409, 'endpoint-conflict'),
      );
      expect(await server.devicesOf(user)).toMatchObject([{ endpoint: held.subscription.endpoint, state: 'live' }]);
      expect(await server.devicesOf('refused')).toEqual([]);
    },
  );
});

describe('unsubscribing', () => {
  const removed = (is: boolean) => ({ status: 200, body: { data: { success: true, removed: is } } });

  test('by endpoint removes the user’s own device, and again is harmless', async () => {
    const body = subscribeAtSink().subscription;
    await server.post('/subscribe', { body, user: 'leaver' });
    expect(await server.post('/subscribe', { method: 'DELETE', body, user: 'thief' })).toEqual(removed(false));
    expect(await server.post('/subscribe', { method: 'DELETE', body, user: 'leaver' })).toEqual(removed(true));
    expect(await server.post('/subscribe', { method: 'DELETE', body, user: 'leaver' })).toEqual(removed(false));
    expect(await server.devicesOf('leaver')).toEqual([]);
  });

  test('by device secret needs no sign-in, and no page', async () => {
    const { deviceId, deviceSecret, subscription: endpoint } = await subscribeBrowser(server, { user: 'worker' });
    const remove = (body: object) =>
      server.post('/subscribe', { method: 'DELETE', user: null, headers: { origin: 'null' }, body });
    // A secret is looked up by its device's id.
    expect(await remove({ ...endpoint, deviceSecret })).toEqual(refused(403, 'cross-site-request'));
    expect(await remove({ deviceId, deviceSecret })).toEqual(removed(true));
  });

  test('with another device’s secret removes nothing, nor with an id that is none', async () => {
    const browser = await subscribeBrowser(server, { user: 'keeper' });
    const remove = (change: object) =>
      server.post('/subscribe', { method: 'DELETE', user: null, body: { ...browser, ...change } });
    expect(await remove({ deviceSecret: aSecret() })).toEqual(removed(false));
    expect(await remove({ deviceId: 'unknown' })).toEqual(removed(false));
    expect(await remove({ deviceId: '\u0000' })).toEqual(refused(404, 'unknown-device'));
    expect(await server.belfry.devicesOf('keeper')).toHaveLength(1);
    expect(await remove({})).toEqual(removed(true));
  });

  test('without anybody is refused', async () => {
    const body = subscribeAtSink().subscription;
    expect(await server.post('/subscribe', { method: 'DELETE', body, user: null })).toEqual(
      refused(401, 'not-signed-in'),
    );
    expect(
      await server.post('/subscribe', { method: 'DELETE', body, headers: { origin: 'https://evil.example' } }),
    ).toEqual(refused(403, 'cross-site-request'));
    expect(await server.post('/subscribe', { method: 'DELETE', body: {} })).toEqual(refused(400, 'no-endpoint'));
  });
});

test('asking too often is told, with the time to wait, and does not hinder others', async () => {
  const body = { keys };
  const answers = await server.settled(
    Promise.all(Array.from({ length: 61 }, () => server.post('/subscribe', { body, user: 'eager' }))),
  );
  expect(answers.filter(({ status }) => status === 429)).toEqual([refused(429, 'too-many-requests')]);
  expect(await server.post('/subscribe', { body, user: 'other' })).toEqual(refused(400, 'no-endpoint'));
});

test('an unknown route and an unknown method are told', async () => {
  expect(await server.post('/nothing', {})).toEqual(refused(404, 'not-found'));
  expect(await server.post('/send', { method: 'PUT', body: {} })).toEqual(refused(405, 'method-not-allowed'));
  const elsewhere = await server.belfry.handle(new Request(`${ORIGIN}/api/pull/public-key`));
  expect(elsewhere.status).toBe(404);
});

test('no endpoint, key or secret of a request is ever logged', async () => {
  const { subscription: secret } = subscribeAtSink('do-not-log');
  await server.post('/subscribe', { body: secret, user: 'logged' });
  await server.belfry.notify('logged', { title: 'private words' });
  for (const text of ['do-not-log', secret.keys.p256dh, secret.keys.auth, 'private words', 'vapid t=']) {
    expect(server.log.join('\n')).not.toContain(text);
  }
});

test('HEAD is answered as GET, without a body', async () => {
  const ask = async (method: string, path: string) =>
    await server.belfry.handle(new Request(`${ORIGIN}/api/push${path}`, { method, headers: { 'x-user': 'ada' } }));
  for (const path of ['/public-key', '/topics']) {
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)];
    expect([head.status, [...head.headers], await head.text()]).toEqual([get.status, [...get.headers], '']);
  }
  const refusal = await ask('HEAD', '/send');
  expect([refusal.status, refusal.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await ask('POST', '/public-key')).headers.get('allow')).toBe('GET, HEAD');
});
