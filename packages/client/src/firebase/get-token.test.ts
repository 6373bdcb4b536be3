import { expect, test } from 'vitest';
import { EVERYTHING } from '../capabilities.test-data.ts';
import { fakePage, type FakePage, fakeWorker, SCOPE } from '../fake-page.test-data.ts';
import { LEAVE_ROUTE, refusal, SUBSCRIBE_ROUTE } from '../fake-server.test-data.ts';
import type { RegistrationSubset } from '../push-environment.ts';
import { deleteToken, getMessaging, getToken, isSupported, type Messaging } from './index.ts';

/** Under the page's own scope, which is the only one that the fake registers. */
const messagingOf = (page: FakePage): Messaging => getMessaging({}, { ...page, worker: { url: '/sw.js' } });

const rejection = (code: string, cause: string) =>
  expect.objectContaining({ code: `messaging/${code}`, cause: expect.objectContaining({ code: cause }) });

test('the permission is asked for in the turn of the click, and the token is the id of the device', async () => {
  const page = fakePage();
  const messaging = messagingOf(page);
  const token = getToken(messaging, { vapidKey: 'of Firebase' });
  expect(page.calls).toEqual(['requestPermission']);
  expect(await token).toBe('d1');
  expect(page.server.devices).toMatchObject([{ deviceId: 'd1', user: 'ada' }]);
  expect(await getToken(messaging)).toBe('d1');
});

test('the worker is the one that Firebase’s SDK registers, under its scope', async () => {
  const page = fakePage();
  page.registered = false;
  await getToken(getMessaging(undefined, page));
  expect(page.calls).toContain('register /firebase-messaging-sw.js /firebase-cloud-messaging-push-scope undefined');
});

test('a registration of the app’s own is taken as it is, once it is active', async () => {
  const page = fakePage();
  const { push, calls } = page;
  const worker = fakeWorker();
  let isActive = false;
  const serviceWorkerRegistration: RegistrationSubset = {
    scope: 'https://app.example/own/',
    get installing() {
      return isActive ? null : worker;
    },
    waiting: null,
    get active() {
      return isActive ? {} : null;
    },
    pushManager: push.manager,
    getNotifications: async () => [],
  };
  const messaging = messagingOf(page);
  const before = messaging.push;
  const token = getToken(messaging, { serviceWorkerRegistration });
  await page.timerSet;
  expect(calls).not.toContain('subscribe');
  isActive = true;
  worker.become('activated');
  expect(await token).toBe('d1');
  expect(calls.filter((call) => call.startsWith('register'))).toEqual([]);
  expect([...page.stored.keys()]).toEqual(['https://app.example/own/']);

  const { push: own } = messaging;
  expect(own).not.toBe(before);
  expect(own.state).toEqual({ status: 'on' });
  await getToken(messaging, { serviceWorkerRegistration });
  expect(messaging.push).toBe(own);
  expect(await deleteToken(messaging)).toBe(true);
  expect(page.server.devices).toEqual([]);
});

test.each([
  ['denied', 'denied'],
  ['default', 'dismissed'],
] as const)('the answer %s rejects as permission-blocked', async (answer, what) => {
  const page = fakePage();
  page.answer = answer;
  await expect(getToken(messagingOf(page))).rejects.toMatchObject({
    code: 'messaging/permission-blocked',
    message: expect.stringContaining(`Messaging: ${what} (messaging/permission-blocked)`),
  });
  expect(page.server.requests).toEqual([]);
});

test.each([
  ['over http', { isSecureContext: false }],
  ['without push', { PushManager: false }],
])('%s it rejects as unsupported-browser, and isSupported() says so before', async (_what, lacks) => {
  const page = fakePage({ ...EVERYTHING, ...lacks });
  expect(await isSupported(page.environment)).toBe(false);
  await expect(getToken(messagingOf(page))).rejects.toMatchObject({ code: 'messaging/unsupported-browser' });
  expect(await isSupported(fakePage().environment)).toBe(true);
});

test('a worker that cannot be registered is told', async () => {
  const page = fakePage();
  page.registerError = new TypeError('404');
  await expect(getToken(messagingOf(page))).rejects.toEqual(
    rejection('failed-service-worker-registration', 'worker-registration-failed'),
  );
});

test('a browser that keeps nothing is told', async () => {
  const page = fakePage({ ...EVERYTHING, storage: false });
  await expect(getToken(messagingOf(page))).rejects.toEqual(rejection('indexed-db-unsupported', 'storage-failed'));
});

test('where nobody is signed in there is no token, and the cause says why', async () => {
  const page = fakePage();
  page.server.user = null;
  await expect(getToken(messagingOf(page))).rejects.toEqual(rejection('token-subscribe-failed', 'not-signed-in'));
});

test('a token ends in the browser and at the server, and stays away until the next getToken()', async () => {
  const page = fakePage();
  const messaging = messagingOf(page);
  await getToken(messaging);
  expect(await deleteToken(messaging)).toBe(true);
  expect(page.push.subscription).toBeNull();
  expect(page.server.devices).toEqual([]);
  expect(await messaging.push.refresh()).toEqual({ status: 'off' });
  expect(await getToken(messaging)).not.toBe('d1');
});

test('a server that could not be told is an error, and nothing of its messages is shown all the same', async () => {
  const page = fakePage();
  const messaging = messagingOf(page);
  await getToken(messaging);
  page.server.routes[LEAVE_ROUTE] = () => refusal(503, 'unable');
  await expect(deleteToken(messaging)).rejects.toEqual(rejection('token-unsubscribe-failed', 'server-refused'));
  expect(page.stored.get(SCOPE)).toMatchObject({ confirmed: null, intent: 'off' });
});

test('a page that has a token heals when it asks for its messaging, whatever the app is', async () => {
  const page = fakePage();
  await getToken(messagingOf(page));
  page.push.subscription = null;
  page.calls.length = 0;

  // The next page of the same browser.
  const environment = { ...page.environment };
  const messaging = getMessaging('any', { ...page, environment, worker: { url: '/sw.js' } });
  expect(getMessaging('another', { environment })).toBe(messaging);
  await messaging.push.refresh();
  expect(messaging.push.state).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['subscribe']);
  expect(page.server.requests.filter(({ route }) => route === SUBSCRIBE_ROUTE)).toHaveLength(3);
});

test('on a server that renders there is a messaging, which does nothing', async () => {
  const messaging = getMessaging();
  expect(messaging.push.state).toEqual({ status: 'unknown' });
  expect(await isSupported()).toBe(false);
});
