import { expect, test } from 'vitest';
import { fakePage, fakeSubscription, PUBLIC_KEY } from './fake-page.test-data.ts';
import { createPushClient } from './push-client.ts';

test('making a client touches nothing, on a server without a browser too', () => {
  expect(createPushClient().state).toBe('unknown');
});

test.each([
  [['https'], 'insecure'],
  [['https', 'serviceWorker'], 'insecure'],
  [['serviceWorker'], 'unsupported'],
  [['Notification'], 'unsupported'],
  [['PushManager'], 'unsupported'],
] as const)('a page without %j is %s, and enable() says so without asking', async (lacks, expected) => {
  const page = fakePage(lacks);
  const client = createPushClient(page);
  expect(await client.refresh()).toBe(expected);
  expect(await client.enable()).toEqual({ outcome: expected });
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(page.calls).toEqual([]);
});

test.each([
  ['default', 'promptable'],
  ['denied', 'blocked'],
  ['granted', 'off'],
] as const)('with the permission %s and no subscription the state is %s', async (permission, expected) => {
  const page = fakePage();
  page.permission = permission;
  expect(await createPushClient(page).refresh()).toBe(expected);
});

test('a subscription that the server has not confirmed is off, a confirmed one is on', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/1');
  const client = createPushClient(page);
  expect(await client.refresh()).toBe('off');

  const confirmed = { deviceId: 'd1', binding: 'b1', endpoint: 'https://push.example/1' };
  page.stored.set('https://app.example/', { deviceSecret: 's', confirmed });
  expect(await client.refresh()).toBe('on');

  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/2');
  expect(await client.refresh()).toBe('off');
});

test('a page without a registered worker is off, and looking does not wait for one', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.registered = false;
  expect(await createPushClient(page).refresh()).toBe('off');
});

test('a subscription of a worker with a wider scope is not the one of this worker', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/1');
  const confirmed = { deviceId: 'd1', binding: 'b1', endpoint: 'https://push.example/1' };
  page.stored.set('https://app.example/', { deviceSecret: 's', confirmed });
  expect(await createPushClient({ ...page, worker: { url: '/sw.js' } }).refresh()).toBe('on');
  expect(await createPushClient({ ...page, worker: { url: '/push/sw.js' } }).refresh()).toBe('off');
  expect(await createPushClient({ ...page, worker: { url: '/sw.js', scope: '/push/' } }).refresh()).toBe('off');
});

test('a browser that lets the page store nothing is off', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/1');
  expect(await createPushClient({ environment: page.environment }).refresh()).toBe('off');
});

test('a listener hears the state at once, at each change, and no more after it left', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const heard: string[] = [];
  const leave = client.onState((state) => heard.push(state));
  await client.refresh();
  await client.refresh();
  await client.enable();
  leave();
  await client.disable();
  expect(heard).toEqual(['unknown', 'promptable', 'on']);
  expect(client.state).toBe('off');
});

test('a look that began before another and ends after it changes nothing', async () => {
  const page = fakePage();
  page.permission = 'granted';
  const { promise, resolve } = Promise.withResolvers<null>();
  const slow = { ...page.records, get: () => promise };
  page.subscription = fakeSubscription(page, PUBLIC_KEY, 'https://push.example/1');
  const client = createPushClient({ environment: page.environment, records: slow });
  const first = client.refresh();
  page.permission = 'denied';
  await client.refresh();
  resolve(null);
  expect(await first).toBe('off');
  expect(client.state).toBe('blocked');
});
