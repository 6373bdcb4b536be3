import { expect, test } from 'vitest';
import { fakePage, fakeSubscription, fakeWorker, OTHER_KEY, PUBLIC_KEY, type FakePage } from './fake-page.test-data.ts';
import { createPushClient } from './push-client.ts';
import type { PushClientError } from './push-client-error.ts';

const SCOPE = 'https://app.example/';

async function failure(page: FakePage, options: { worker?: { url: string } } = {}): Promise<PushClientError> {
  const client = createPushClient({ ...page, ...options });
  const result = await client.enable();
  if (result.outcome !== 'failed') throw new Error(`the outcome was ${result.outcome}`);
  expect(result.error.message).not.toContain('push.example');
  expect(client.state).toBe('off');
  return result.error;
}

test('the permission is asked for in the turn of the click', () => {
  const page = fakePage();
  void createPushClient(page).enable();
  expect(page.calls).toEqual(['requestPermission']);
});

test('enabling subscribes, tells the server all it knows, and is on', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  expect(await client.enable()).toEqual({ outcome: 'on', deviceId: 'd1' });
  expect(client.state).toBe('on');
  expect(page.calls).toEqual(['requestPermission', 'subscribe']);
  expect(page.subscription?.publicKey).toBe(PUBLIC_KEY);

  const deviceSecret = page.stored.get(SCOPE)?.deviceSecret;
  expect(deviceSecret).toMatch(/^[\w-]{43}$/);
  expect(page.stored.get(SCOPE)?.confirmed).toEqual({
    deviceId: 'd1',
    binding: 'b1',
    endpoint: 'https://push.example/1',
  });
  const [key, post] = page.server.requests;
  expect(key).toMatchObject({ route: 'GET /api/push/public-key', init: { cache: 'no-store' } });
  expect(post).toMatchObject({
    route: 'POST /api/push/subscribe',
    init: { credentials: 'same-origin', headers: { 'content-type': 'application/json' } },
  });
  expect(post?.body).toEqual({
    endpoint: 'https://push.example/1',
    keys: { p256dh: 'p', auth: 'a' },
    expirationTime: null,
    vapidPublicKey: PUBLIC_KEY,
    deviceSecret,
    origin: 'https://app.example',
    scope: SCOPE,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    lang: 'de-CH',
  });
});

test.each([
  ['denied', 'denied', 'blocked'],
  ['default', 'dismissed', 'promptable'],
] as const)('the answer %s is the outcome %s', async (answer, outcome, state) => {
  const page = fakePage();
  page.answer = answer;
  const client = createPushClient(page);
  expect(await client.enable()).toEqual({ outcome });
  expect(client.state).toBe(state);
  expect(page.server.requests).toEqual([]);
});

test('a browser that answers by callback only is understood', async () => {
  const page = fakePage();
  const Notification = {
    permission: 'granted' as const,
    requestPermission(callback: (permission: NotificationPermission) => void) {
      callback('granted');
      return undefined;
    },
  };
  const client = createPushClient({ ...page, environment: { ...page.environment, Notification } });
  expect(await client.enable()).toEqual({ outcome: 'on', deviceId: 'd1' });
});

test('a subscription under the same key is kept', async () => {
  const page = fakePage();
  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/old');
  expect(await createPushClient(page).enable()).toMatchObject({ outcome: 'on' });
  expect(page.calls).toEqual(['requestPermission']);
});

test('a subscription under another key is ended first', async () => {
  const page = fakePage();
  page.subscription = fakeSubscription(page, OTHER_KEY, 'https://push.example/old');
  expect(await createPushClient(page).enable()).toMatchObject({ outcome: 'on' });
  expect(page.calls).toEqual(['requestPermission', 'unsubscribe', 'subscribe']);
});

test('two clients that enable at the same moment send one device secret', async () => {
  const page = fakePage();
  await Promise.all([createPushClient(page).enable(), createPushClient(page).enable()]);
  const posts = page.server.requests.filter(({ route }) => route.startsWith('POST'));
  expect(posts).toHaveLength(2);
  const { deviceSecret } = page.stored.get(SCOPE) ?? {};
  for (const post of posts) expect(post.body).toMatchObject({ deviceSecret });
});

test('the given worker is registered, and awaited until it is active', async () => {
  const page = fakePage();
  page.registered = false;
  page.installing = fakeWorker();
  const client = createPushClient({ ...page, worker: { url: '/sw.js', scope: '/', type: 'module' } });
  const enabling = client.enable();
  await page.timerSet;
  expect(page.calls).toEqual(['requestPermission', 'register /sw.js / module']);
  const { installing } = page;
  installing.become('installed');
  page.installing = null;
  installing.become('activated');
  expect(await enabling).toEqual({ outcome: 'on', deviceId: 'd1' });
});

test('a worker that fails to install is told', async () => {
  const page = fakePage();
  page.installing = fakeWorker();
  const failing = failure(page, { worker: { url: '/sw.js' } });
  await page.timerSet;
  page.installing.become('redundant');
  expect((await failing).code).toBe('worker-registration-failed');
});

test('where no worker is ever registered the wait ends, with an error', async () => {
  const page = fakePage();
  page.registered = false;
  const failing = failure(page);
  await page.timerSet;
  page.runOutOfTime();
  expect((await failing).code).toBe('worker-not-ready');
});

test.each([
  ['InvalidAccessError', 'push-key-invalid'],
  ['InvalidCharacterError', 'push-key-invalid'],
  ['InvalidStateError', 'push-key-conflict'],
  ['NotAllowedError', 'push-not-allowed'],
  ['AbortError', 'push-service-unavailable'],
  ['NotSupportedError', 'unexpected'],
])('the browser’s %s is %s, with its cause', async (name, code) => {
  const page = fakePage();
  page.subscribeError = new DOMException('…', name);
  const error = await failure(page);
  expect([error.code, error.cause]).toEqual([code, page.subscribeError]);
});

test('a refusal tells the status and the id of the server’s error', async () => {
  const page = fakePage();
  page.server.routes['POST /api/push/subscribe'] = () =>
    Response.json({ error: { id: 'not-signed-in', message: 'Sign in first' } }, { status: 401 });
  expect(await failure(page)).toMatchObject({ code: 'server-refused', status: 401, serverErrorId: 'not-signed-in' });
});

test('after a refusal the browser stays subscribed, and a second enable() needs only the server', async () => {
  const page = fakePage();
  const { routes } = page.server;
  const accept = routes['POST /api/push/subscribe'];
  routes['POST /api/push/subscribe'] = () => new Response('Bad Gateway', { status: 502 });
  expect(await failure(page)).toMatchObject({ code: 'server-refused', status: 502, serverErrorId: null });

  const secret = page.stored.get(SCOPE)?.deviceSecret;
  if (accept) routes['POST /api/push/subscribe'] = accept;
  expect(await createPushClient(page).enable()).toEqual({ outcome: 'on', deviceId: 'd1' });
  expect(page.calls).toEqual(['requestPermission', 'subscribe', 'requestPermission']);
  expect(page.stored.get(SCOPE)?.deviceSecret).toBe(secret);
});

test.each(['GET /api/push/public-key', 'POST /api/push/subscribe'])(
  'an answer to %s that is not Belfry’s is told',
  async (route) => {
    for (const answer of ['<!doctype html>', 'null', '{}', '{"data":[],"publicKey":7}']) {
      const page = fakePage();
      page.server.routes[route] = () => new Response(answer);
      // oxlint-disable-next-line no-await-in-loop -- one page after the other
      expect((await failure(page)).code).toBe('server-answer-invalid');
    }
  },
);

test('a server out of reach is told', async () => {
  const page = fakePage();
  page.server.routes['POST /api/push/subscribe'] = () => Promise.reject(new TypeError('Failed to fetch'));
  expect((await failure(page)).code).toBe('server-unreachable');
});

test('another place of the routes is respected', async () => {
  const page = fakePage();
  await createPushClient({ ...page, api: '/push' }).enable();
  expect(page.server.requests.map(({ route }) => route)).toEqual(['GET /push/public-key']);
});
