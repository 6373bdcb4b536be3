import { randomUUID } from 'node:crypto';
import { generateVapidKeys } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BelfryErrorId } from '../../errors.ts';
import { aSecret, type KnownBrowser, moveBrowser, subscribeBrowser } from '../../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../../testing/push-sink.test-data.ts';
import { type PostOptions, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

let user: string;
let browser: KnownBrowser;
beforeEach(async () => {
  user = randomUUID();
  browser = await subscribeBrowser(server, { user });
});

const refused = (status: number, id: string) => ({ status, body: { error: { id, message: expect.any(String) } } });
const kept = ({ deviceId, binding }: KnownBrowser, renew = false) => ({
  status: 200,
  body: { data: { success: true, deviceId, binding, publicKey: expect.stringMatching(/^[\w-]{87}$/), renew } },
});

const resubscribe = (body: unknown, options: PostOptions = {}) =>
  server.post('/resubscribe', { body, user: null, ...options });
const proofOf = ({ deviceId, deviceSecret }: KnownBrowser) => ({ deviceId, deviceSecret });
/** The endpoints that a message to a user goes to. */
async function endpoints(of = user): Promise<readonly string[]> {
  const before = server.sink.received.length;
  await (await server.belfry.notify(of, { title: 'x' })).settled();
  return server.sink.received
    .slice(before)
    .map(({ headers }) => new URL(`https://${headers[':authority']}${headers[':path']}`).href);
}
const newestKey = async (): Promise<unknown> =>
  Reflect.get(Object((await server.post('/public-key', { method: 'GET' })).body), 'publicKey');

async function sendUntilGone(): Promise<void> {
  server.sink.answer = () => ({ status: 410 });
  expect(await endpoints()).toHaveLength(1);
  server.sink.answer = () => ({ status: 201 });
  await server.until(async () => (await server.belfry.devicesOf(user)).every(({ state }) => state === 'gone'));
}

describe('a new subscription', () => {
  test('is for the same device, user and binding, and messages go there', async () => {
    const fresh = subscribeAtSink('fresh');
    const body = { ...fresh.subscription, ...proofOf(browser), vapidPublicKey: await newestKey() };
    expect(await resubscribe(body)).toEqual(kept(browser));
    expect(await resubscribe(body)).toEqual(kept(browser));
    await (await server.belfry.notify(user, { title: 'Hello' })).settled();
    expect(server.sink.received.map(({ headers }) => headers[':path'])).toEqual(['/fresh']);
    expect(fresh.read(server.sink.received[0])).toMatchObject({ notification: { title: 'Hello' } });
  });

  test('needs neither a page nor a user: whoever is signed in, or whatever page asks, does not matter', async () => {
    for (const options of [
      { user: 'signed-in' },
      { headers: { origin: 'null' } },
      { headers: { origin: 'https://x.example' } },
    ]) {
      const { subscription } = subscribeAtSink();
      expect(await resubscribe({ ...subscription, ...proofOf(browser) }, options)).toEqual(kept(browser));
      expect(await endpoints()).toEqual([subscription.endpoint]);
    }
    expect(await endpoints('signed-in')).toEqual([]);
  });

  test('revives a device that is gone, but not with the endpoint that is', async () => {
    await sendUntilGone();
    expect(await resubscribe({ ...browser.subscription, ...proofOf(browser) })).toEqual(kept(browser, true));
    await sendUntilGone();
    expect(await resubscribe({ ...subscribeAtSink().subscription, ...proofOf(browser) })).toEqual(kept(browser));
    expect(await server.belfry.devicesOf(user)).toMatchObject([{ deviceId: browser.deviceId, state: 'live' }]);
  });

  test('with an older key than the newest is to be renewed', async () => {
    const older = await newestKey();
    await server.belfry.rotateVapidKeys();
    const body = { ...subscribeAtSink().subscription, ...proofOf(browser) };
    expect(await resubscribe({ ...body, vapidPublicKey: older })).toEqual(kept(browser, true));
    expect(await resubscribe({ ...body, vapidPublicKey: await newestKey() })).toEqual(kept(browser));
  });
});

describe('a device', () => {
  test.each<[string, (browser: KnownBrowser) => unknown]>([
    ['another secret', () => ({ deviceSecret: aSecret() })],
    ['another id', () => ({ deviceId: 'AAAAAAAAAAAAAAAAAAAAAA' })],
    ['no id', () => ({ deviceId: undefined })],
    ['no secret', () => ({ deviceSecret: undefined })],
    ['a secret that is cut off', ({ deviceSecret }) => ({ deviceSecret: deviceSecret.slice(0, 42) })],
    ['a secret and more', ({ deviceSecret }) => ({ deviceSecret: `${deviceSecret}AA` })],
    ['a secret that is no text', () => ({ deviceSecret: [1] })],
    ['an id with a NUL', ({ deviceId }) => ({ deviceId: `${deviceId}\u0000` })],
    ['an id that is too long', () => ({ deviceId: 'x'.repeat(65) })],
  ])('with %s is unknown, in the same words, and nothing changes', async (_what, change) => {
    const { subscription } = subscribeAtSink();
    const body = { ...subscription, ...proofOf(browser), ...Object(change(browser)) };
    expect(await resubscribe(body)).toEqual({
      status: 404,
      body: { error: { id: 'unknown-device', message: 'There is no device with this id and this secret' } },
    });
    expect(await endpoints()).toEqual([browser.subscription.endpoint]);
  });

  test('that another user has now is not known by its old secret', async () => {
    const before = await subscribeBrowser(server, { user: 'before' });
    const after = await moveBrowser(server, { user: 'after', browser: before });
    const { subscription } = subscribeAtSink();
    const oldSecret = { ...proofOf(after), deviceSecret: before.deviceSecret };
    expect(await resubscribe({ ...subscription, ...oldSecret })).toEqual(refused(404, 'unknown-device'));
    expect(await resubscribe({ ...subscription, ...proofOf(before) })).toEqual(refused(404, 'unknown-device'));
    expect(await endpoints('after')).toEqual([after.subscription.endpoint]);
    expect(await resubscribe({ ...subscription, ...proofOf(after) })).toEqual(kept(after));
  });

  test('that was removed is not known', async () => {
    await server.post('/subscribe', { method: 'DELETE', user: null, body: proofOf(browser) });
    const body = { ...subscribeAtSink().subscription, ...proofOf(browser) };
    expect(await resubscribe(body)).toEqual(refused(404, 'unknown-device'));
  });

  test('gets no endpoint that another one has', async () => {
    const other = await subscribeBrowser(server, { user: 'other' });
    const theft = subscribeAtSink(other.subscription.endpoint.split('/').at(-1)).subscription;
    expect(await resubscribe({ ...theft, ...proofOf(browser) })).toEqual(refused(409, 'endpoint-conflict'));
    expect(await endpoints()).toEqual([browser.subscription.endpoint]);
    expect(await endpoints('other')).toEqual([other.subscription.endpoint]);
  });
});

const { subscription } = subscribeAtSink();
const { keys } = subscription;

test.each<[string, unknown, number, BelfryErrorId]>([
  ['without an endpoint', { endpoint: undefined }, 400, 'no-endpoint'],
  ['with an http endpoint', { endpoint: 'http://fcm.googleapis.com/x' }, 400, 'endpoint-not-https'],
  ['at a private address', { endpoint: 'https://127.0.0.1/x' }, 400, 'endpoint-private-address'],
  ['at an unknown host', { endpoint: 'https://evil.example/x' }, 400, 'endpoint-host-not-allowed'],
  ['without a p256dh', { keys: { auth: keys.auth } }, 400, 'invalid-p256dh'],
  ['with a short auth', { keys: { ...keys, auth: 'AAAA' } }, 400, 'invalid-auth'],
  ['that expires before all time', { expirationTime: -1 }, 400, 'invalid-subscription'],
  ['with a VAPID key that is none', { vapidPublicKey: 'AAAA' }, 400, 'invalid-subscription'],
  ['under a foreign VAPID key', { vapidPublicKey: generateVapidKeys().publicKey }, 409, 'unknown-vapid-key'],
  ['that is too large', { padding: 'x'.repeat(20_000) }, 413, 'body-too-large'],
])('a subscription %s is refused', async (_what, change, status, id) => {
  const body = { ...subscription, ...proofOf(browser), ...Object(change) };
  expect(await resubscribe(body)).toEqual(refused(status, id));
  expect(await endpoints()).toEqual([browser.subscription.endpoint]);
});

test('another media type is refused', async () => {
  const headers = { 'content-type': 'text/plain' };
  expect(await resubscribe('{}', { headers })).toEqual(refused(415, 'unsupported-media-type'));
});

test('a device that asks too often is told, and others are not hindered', async () => {
  const [eager, other] = [await subscribeBrowser(server), await subscribeBrowser(server)];
  const ask = ({ deviceId, deviceSecret }: typeof eager) => resubscribe({ deviceId, deviceSecret });
  for (let i = 0; i < 60; i++) expect(await ask(eager)).toEqual(refused(400, 'no-endpoint'));
  expect(await server.settled(ask(eager))).toEqual(refused(429, 'too-many-requests'));
  expect(await ask(other)).toEqual(refused(400, 'no-endpoint'));
});

test('a store that fails is told, and logged without anything of the subscription', async () => {
  const store = async () => {
    const working = await sqlite(server.path)();
    return { ...working, resubscribeDevice: () => Promise.reject(new Error('the disk is full')) };
  };
  await server.restart({ store });
  const body = { ...subscription, ...proofOf(browser) };
  const answer = await resubscribe(body);
  expect(answer).toEqual(refused(500, 'unable-to-save-subscription'));
  expect(server.log.join('\n')).toContain('the disk is full');
  for (const secret of [body.endpoint, keys.p256dh, keys.auth, body.deviceSecret]) {
    expect(server.log.join('\n') + JSON.stringify(answer)).not.toContain(secret);
  }
});
