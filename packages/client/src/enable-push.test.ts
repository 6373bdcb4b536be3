import { expect, test } from 'vitest';
import { fakePage, fakeWorker, type FakePage, SCOPE } from './fake-page.test-data.ts';
import { FOREIGN_KEY, PUBLIC_KEY, PUBLIC_KEY_ROUTE, refusal, SUBSCRIBE_ROUTE } from './fake-server.test-data.ts';
import { createPushClient } from './push-client.ts';
import type { PushClientError } from './push-client-error.ts';

async function failure(page: FakePage, options: { worker?: { url: string } } = {}): Promise<PushClientError> {
  const client = createPushClient({ ...page, ...options });
  const result = await client.enable();
  if (result.outcome !== 'failed') throw new Error(`the outcome was ${result.outcome}`);
  expect(result.error.message).not.toContain('push.example');
  expect(client.state).toEqual({ status: 'broken', reason: result.error.code });
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
  expect(client.state).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['requestPermission', 'subscribe']);
  expect(page.push.subscription?.publicKey).toBe(PUBLIC_KEY);

  const { deviceSecret, ...record } = page.record ?? {};
  expect(deviceSecret).toMatch(/^[\w-]{43}$/);
  expect(record).toEqual({
    api: 'https://app.example/api/push',
    intent: 'on',
    user: null,
    token: null,
    confirmed: {
      deviceId: 'd1',
      binding: 'b1 of ada',
      endpoint: 'https://push.example/1',
      vapidPublicKey: PUBLIC_KEY,
    },
    leaving: [],
  });
  const [key, post] = page.server.requests;
  expect(key).toMatchObject({ route: PUBLIC_KEY_ROUTE, init: { cache: 'no-store', headers: {} } });
  expect(post).toMatchObject({ route: SUBSCRIBE_ROUTE, init: { headers: { 'content-type': 'application/json' } } });
  // Cookies of the page's own origin are sent, which is what fetch() does where nothing is said.
  expect(post?.init.credentials).toBeUndefined();
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
] as const)('the answer %s is the outcome %s, by promise and by callback', async (answer, outcome, status) => {
  const page = fakePage();
  page.answer = answer;
  const byCallback = {
    permission: answer,
    requestPermission(callback: (permission: NotificationPermission) => void) {
      callback(answer);
      return undefined;
    },
  };
  for (const environment of [page.environment, { ...page.environment, Notification: byCallback }]) {
    const client = createPushClient({ ...page, environment });
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    expect(await client.enable()).toEqual({ outcome });
    expect(client.state).toEqual({ status });
  }
  expect(page.server.requests).toEqual([]);
  expect(page.record).toBeUndefined();
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

test('a prompt that fails is told', async () => {
  const page = fakePage();
  const cause = new TypeError('…');
  const Notification = { permission: 'granted' as const, requestPermission: () => Promise.reject(cause) };
  const client = createPushClient({ ...page, environment: { ...page.environment, Notification } });
  expect(await client.enable()).toMatchObject({ outcome: 'failed', error: { code: 'unexpected', cause } });
});

test('a subscription that other code made under the same key is kept', async () => {
  const page = fakePage();
  page.push.subscribeElsewhere(PUBLIC_KEY);
  expect(await createPushClient(page).enable()).toMatchObject({ outcome: 'on' });
  expect(page.calls).toEqual(['requestPermission']);
});

test('another sender’s subscription, under another key, is ended first', async () => {
  const page = fakePage();
  page.push.subscribeElsewhere(FOREIGN_KEY);
  expect(await createPushClient(page).enable()).toMatchObject({ outcome: 'on' });
  expect(page.calls).toEqual(['requestPermission', 'unsubscribe', 'subscribe']);
  // Theirs is none of our server's business.
  expect(page.server.requests.map(({ route }) => route)).toEqual([PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE]);
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

test('a worker that the browser refuses, such as one of the wrong MIME type, is told with its cause', async () => {
  const page = fakePage();
  page.registerError = new DOMException('The script has an unsupported MIME type', 'SecurityError');
  expect(await failure(page, { worker: { url: '/sw.js' } })).toMatchObject({
    code: 'worker-registration-failed',
    cause: page.registerError,
  });
});

test('a worker that fails to install is told', async () => {
  const page = fakePage();
  page.installing = fakeWorker();
  const failing = failure(page, { worker: { url: '/sw.js' } });
  await page.timerSet;
  page.installing.become('redundant');
  expect((await failing).code).toBe('worker-registration-failed');
});

test('a worker that is never active is told', async () => {
  const page = fakePage();
  page.installing = fakeWorker();
  const failing = failure(page, { worker: { url: '/sw.js' } });
  await page.timerSet;
  page.runOutOfTime();
  expect((await failing).code).toBe('worker-not-ready');
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
  page.push.subscribeError = new DOMException('…', name);
  const error = await failure(page);
  expect([error.code, error.cause]).toEqual([code, page.push.subscribeError]);
});

test('nobody signed in is told by a code of its own', async () => {
  const page = fakePage();
  page.server.user = null;
  expect(await failure(page)).toMatchObject({ code: 'not-signed-in', status: 401, serverErrorId: 'not-signed-in' });
});

test('a refusal tells the status and the id of the server’s error', async () => {
  const page = fakePage();
  page.server.routes[SUBSCRIBE_ROUTE] = () => refusal(403, 'cross-site-request');
  expect(await failure(page)).toMatchObject({
    code: 'server-refused',
    status: 403,
    serverErrorId: 'cross-site-request',
    message: 'server-refused 403 cross-site-request',
  });
});

test('after a refusal the browser stays subscribed, and a second enable() needs only the server', async () => {
  const page = fakePage();
  const { routes } = page.server;
  const accept = routes[SUBSCRIBE_ROUTE];
  routes[SUBSCRIBE_ROUTE] = () => new Response('Bad Gateway', { status: 502 });
  expect(await failure(page)).toMatchObject({ code: 'server-refused', status: 502, serverErrorId: null });

  const secret = page.record?.deviceSecret;
  if (accept) routes[SUBSCRIBE_ROUTE] = accept;
  expect(await createPushClient(page).enable()).toEqual({ outcome: 'on', deviceId: 'd1' });
  expect(page.calls).toEqual(['requestPermission', 'subscribe', 'requestPermission']);
  expect(page.record?.deviceSecret).toBe(secret);
});

test.each([PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE])('an answer to %s that is not Belfry’s is told', async (route) => {
  for (const answer of ['<!doctype html>', 'null', '{}', '{"data":[],"publicKey":7}']) {
    const page = fakePage();
    page.server.routes[route] = () => new Response(answer);
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    expect((await failure(page)).code).toBe('server-answer-invalid');
  }
});

test('a server out of reach is told', async () => {
  const page = fakePage();
  page.server.isDown = true;
  expect(await failure(page)).toMatchObject({ code: 'server-unreachable', status: null, cause: { name: 'TypeError' } });
});

test.each([['of ada'], [() => 'of ada'], [async () => 'of ada']])(
  'a token is sent, and kept for the worker: %s',
  async (token) => {
    const page = fakePage();
    page.server.user = null;
    expect(await createPushClient({ ...page, token }).enable()).toMatchObject({ outcome: 'on' });
    const [key, post] = page.server.requests;
    expect(post?.init.headers).toMatchObject({ authorization: 'Bearer of ada' });
    expect(key?.init.headers).toEqual({});
    expect(page.record?.token).toBe('of ada');
  },
);

test('a token function is asked each time, and what it throws is told', async () => {
  const page = fakePage();
  let token = 'of ada';
  const client = createPushClient({ ...page, token: () => token });
  await client.enable();
  token = 'of bob';
  await client.refresh();
  expect(page.record).toMatchObject({ token: 'of bob', confirmed: { binding: expect.stringContaining('of bob') } });

  const cause = new Error('The session is over');
  const failing = createPushClient({ ...page, token: () => Promise.reject(cause) });
  expect(await failing.enable()).toMatchObject({ outcome: 'failed', error: { code: 'unexpected', cause } });
});
