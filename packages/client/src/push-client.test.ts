import { expect, test } from 'vitest';
import { EVERYTHING, RECORDED } from './capabilities.test-data.ts';
import { fakePage, untilStatus } from './fake-page.test-data.ts';
import { holdRoute, PUBLIC_KEY, PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE } from './fake-server.test-data.ts';
import { createPushClient } from './push-client.ts';
import type { PushState } from './push-results.ts';

test('making a client touches nothing, on a server without a browser too', () => {
  expect(createPushClient().state).toEqual({ status: 'unknown' });
});

test.each(Object.entries(RECORDED))('%s: what can be offered is known without asking', async (_, { has, status }) => {
  const page = fakePage(has);
  const client = createPushClient(page);
  expect(await client.refresh()).toEqual({ status });
  expect(page.calls).toEqual([]);
  expect(page.server.requests).toEqual([]);
});

const ableToAsk = Object.entries(RECORDED).filter(([, { status }]) => status === 'promptable');
const unable = Object.entries(RECORDED).filter(([, { status }]) => status !== 'promptable');

test.each(unable)('%s: enable() says what is in the way and asks for nothing', async (_, { has, status }) => {
  const page = fakePage(has);
  const client = createPushClient(page);
  expect(await client.enable()).toEqual({ outcome: status });
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(await client.logout()).toEqual({ outcome: 'signed-out', server: null });
  expect(await client.identify('ada')).toEqual({ status });
  expect(page.calls).toEqual([]);
});

test.each(ableToAsk)('%s: enable() leads to `on`, or says that there is no storage', async (_, { has }) => {
  const client = createPushClient({ ...fakePage(has), worker: { url: '/sw.js' } });
  expect(await client.enable()).toMatchObject(
    has.storage ? { outcome: 'on' } : { outcome: 'failed', error: { code: 'storage-failed' } },
  );
  expect(client.state).toEqual(has.storage ? { status: 'on' } : { status: 'broken', reason: 'storage-failed' });
});

test('a sandboxed frame, which may not even look for service workers, is unsupported', async () => {
  const page = fakePage();
  const navigator = {
    language: 'de-CH',
    get serviceWorker(): never {
      throw new DOMException('The document is sandboxed', 'SecurityError');
    },
  };
  const client = createPushClient({ ...page, environment: { ...page.environment, navigator } });
  expect(await client.refresh()).toEqual({ status: 'unsupported' });
  expect(await client.enable()).toEqual({ outcome: 'unsupported' });
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(await client.logout()).toMatchObject({ outcome: 'signed-out' });
});

test.each([
  ['default', 'promptable'],
  ['denied', 'blocked'],
  ['granted', 'off'],
] as const)('with the permission %s and nothing enabled the state is %s', async (permission, status) => {
  const page = fakePage();
  page.permission = permission;
  expect(await createPushClient(page).refresh()).toEqual({ status });
});

test('a page without a registered worker is off, and looking does not wait for one', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.registered = false;
  expect(await createPushClient(page).refresh()).toEqual({ status: 'off' });
});

test('a subscription that other code made is not ours: the state is off, and it is left alone', async () => {
  const page = fakePage();
  page.permission = 'granted';
  const theirs = page.push.subscribeElsewhere(PUBLIC_KEY);
  expect(await createPushClient(page).refresh()).toEqual({ status: 'off' });
  expect(page.push.subscription).toBe(theirs);
  expect(page.server.requests).toEqual([]);
});

test('a worker with another scope is another device', async () => {
  const page = fakePage();
  await createPushClient(page).enable();
  expect(await createPushClient({ ...page, worker: { url: '/sw.js' } }).refresh()).toEqual({ status: 'on' });
  expect(await createPushClient({ ...page, worker: { url: '/push/sw.js' } }).refresh()).toEqual({ status: 'off' });
  const scoped = createPushClient({ ...page, worker: { url: '/sw.js', scope: '/push/' } });
  expect(await scoped.refresh()).toEqual({ status: 'off' });
});

test('where the browser lets the page keep nothing, that is told', async () => {
  const page = fakePage({ ...EVERYTHING, storage: false });
  page.permission = 'granted';
  const broken: PushState = { status: 'broken', reason: 'storage-failed' };
  expect(await createPushClient(page).refresh()).toEqual(broken);
  // The same of IndexedDB itself.
  expect(await createPushClient({ environment: page.environment }).refresh()).toEqual(broken);
});

test('a listener hears the state at once, at each change, and no more after it left', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const heard: PushState[] = [];
  const leave = client.onState((state) => heard.push(state));
  await client.refresh();
  await client.refresh();
  await client.enable();
  leave();
  await client.disable();
  expect(heard).toEqual([{ status: 'unknown' }, { status: 'promptable' }, { status: 'on' }]);
  expect(client.state).toEqual({ status: 'off' });
});

test('the state is the same object until it changes', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  const { state } = client;
  await client.refresh();
  expect(client.state).toBe(state);
});

test('a look that began before another and ends after it changes nothing', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  await client.refresh();
  const { promise: isLooking, resolve: noteLooking } = Promise.withResolvers<void>();
  const { promise: found, resolve: find } = Promise.withResolvers<null>();
  const { manager } = page.push;
  const { getSubscription } = manager;
  manager.getSubscription = () => {
    manager.getSubscription = getSubscription;
    noteLooking();
    return found;
  };
  const heard: PushState[] = [];
  client.onState((state) => heard.push(state));
  page.fire('focus');
  // It has read the record, and waits for the browser.
  await isLooking;
  await client.disable();
  find(null);
  await client.refresh();
  expect(heard).toEqual([{ status: 'on' }, { status: 'off' }]);
});

test('what a page load finds broken is mended before anything is said of it', async () => {
  const page = fakePage();
  await createPushClient(page).enable();
  page.push.subscription = null;
  const client = createPushClient(page);
  const heard: PushState[] = [];
  client.onState((state) => heard.push(state));
  await client.refresh();
  expect(heard).toEqual([{ status: 'unknown' }, { status: 'on' }]);
});

test('what was mended is not the reason for what breaks later', async () => {
  const page = fakePage();
  page.server.isDown = true;
  const client = createPushClient(page);
  await client.enable();
  page.server.isDown = false;
  expect(await client.refresh()).toEqual({ status: 'on' });
  page.push.subscription = null;
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const refreshed = client.refresh();
  await held.asked;
  expect(client.state).toEqual({ status: 'broken', reason: 'unconfirmed' });
  held.release();
  await refreshed;
});

test('a page load costs an enabled browser one request', async () => {
  const page = fakePage();
  await createPushClient(page).enable();
  page.server.requests.splice(0);
  const client = createPushClient(page);
  const heard: PushState[] = [];
  client.onState((state) => heard.push(state));
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(heard).toEqual([{ status: 'unknown' }, { status: 'on' }]);
  expect(page.server.requests.map(({ route }) => route)).toEqual([SUBSCRIBE_ROUTE]);
});

test('the window is watched once, however often it is looked at', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  const { listening } = page;
  await client.refresh();
  await client.identify('ada');
  expect(listening).toBeGreaterThan(0);
  expect(page.listening).toBe(listening);
});

test.each(['online', 'focus'] as const)('what failed while the server was down is mended at `%s`', async (event) => {
  const page = fakePage();
  page.server.isDown = true;
  const client = createPushClient(page);
  expect(await client.enable()).toMatchObject({ outcome: 'failed', error: { code: 'server-unreachable' } });
  expect(client.state).toEqual({ status: 'broken', reason: 'server-unreachable' });
  page.server.isDown = false;
  page.fire(event);
  await untilStatus(client, 'on');
  expect(page.record?.confirmed?.endpoint).toBe(page.push.subscription?.endpoint);
  expect(page.calls).toEqual(['requestPermission', 'subscribe']);
});

test('what failed while the server was down is mended at the next page load, and not asked for again', async () => {
  const page = fakePage();
  page.server.isDown = true;
  await createPushClient(page).enable();
  const next = createPushClient(page);
  expect(await next.refresh()).toEqual({ status: 'broken', reason: 'server-unreachable' });
  page.server.isDown = false;
  expect(await next.refresh()).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['requestPermission', 'subscribe']);
});

test('a server that never answers holds up nothing for ever', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  page.push.subscription = null;
  const refreshed = client.refresh();
  await held.asked;
  // It was on, which is not true any more.
  expect(client.state).toEqual({ status: 'broken', reason: 'unconfirmed' });
  page.runOutOfTime();
  expect(await refreshed).toEqual({ status: 'broken', reason: 'server-unreachable' });
  held.release();
  expect(await client.refresh()).toEqual({ status: 'on' });
});

test('looking at the window again shows what another tab did', async () => {
  const page = fakePage();
  const [one, other] = [createPushClient(page), createPushClient(page)];
  await Promise.all([one.refresh(), other.refresh()]);
  await one.enable();
  expect(other.state).toEqual({ status: 'promptable' });
  page.fire('focus');
  await untilStatus(other, 'on');
  await one.disable();
  page.fire('focus');
  await untilStatus(other, 'off');
});

test('a permission that was taken and given again subscribes anew', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  page.changePermission('denied');
  await untilStatus(client, 'blocked');
  page.changePermission('granted');
  await untilStatus(client, 'on');
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  expect(page.server.devices).toMatchObject([{ deviceId: 'd1', endpoint: 'https://push.example/2' }]);
});

test('a browser without navigator.permissions is looked at all the same', async () => {
  const page = fakePage();
  const { permissions: _, ...navigator } = page.environment.navigator;
  const client = createPushClient({ ...page, environment: { ...page.environment, navigator } });
  expect(await client.refresh()).toEqual({ status: 'promptable' });
  const failing = { ...navigator, permissions: { query: () => Promise.reject(new TypeError('notifications?')) } };
  const other = createPushClient({ ...page, environment: { ...page.environment, navigator: failing } });
  expect(await other.refresh()).toEqual({ status: 'promptable' });
});

test('another place of the routes is respected', async () => {
  const page = fakePage();
  await createPushClient({ ...page, api: '/push/' }).enable();
  await createPushClient({ ...page, api: 'https://push.example/v1' }).enable();
  expect(page.server.requests.map(({ route }) => route)).toEqual([
    'GET https://app.example/push/public-key',
    'GET https://push.example/v1/public-key',
  ]);
  expect(PUBLIC_KEY_ROUTE).toContain('/api/push/');
});
