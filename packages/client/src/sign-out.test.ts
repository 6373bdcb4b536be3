import { expect, test } from 'vitest';
import { type FakePage, fakePage, showOn, untilStatus } from './fake-page.test-data.ts';
import { holdRoute, LEAVE_ROUTE, PUBLIC_KEY, PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE } from './fake-server.test-data.ts';
import { createPushClient, type PushClient } from './push-client.ts';

async function enabledForAda(): Promise<{ page: FakePage; client: PushClient; leaving: object }> {
  const page = fakePage();
  const client = createPushClient({ ...page, token: () => `of ${page.server.user}` });
  await client.identify('ada');
  await client.enable();
  page.server.requests.splice(0);
  page.calls.splice(0);
  const { deviceSecret = '' } = page.record ?? {};
  return { page, client, leaving: { deviceId: 'd1', deviceSecret } };
}

/** Nothing that a worker could show ada's messages by, or ask for more of them. */
function expectNothingOfAda({ record }: FakePage): void {
  expect(record).toMatchObject({ intent: 'signed-out', user: null, token: null, confirmed: null });
}

test('logging out binds the browser to nobody, ends the subscription, and tells the server', async () => {
  const { page, client, leaving } = await enabledForAda();
  expect(await client.logout()).toEqual({ outcome: 'signed-out', server: null });
  expect(client.state).toEqual({ status: 'off' });
  expectNothingOfAda(page);
  expect(page.push.subscription).toBeNull();
  expect(page.server.requests).toMatchObject([{ route: LEAVE_ROUTE, body: leaving }]);
  // The secret speaks for itself, and the token may be void already.
  expect(page.server.requests[0]?.init.headers).not.toHaveProperty('authorization');
  expect(page.server.devices).toEqual([]);
});

test('the record is cleared, and the state is off, before the network is heard of', async () => {
  const { page, client } = await enabledForAda();
  const held = holdRoute(page.server, LEAVE_ROUTE);
  const loggedOut = client.logout();
  await held.asked;
  expectNothingOfAda(page);
  await untilStatus(client, 'off');
  held.release();
  expect(await loggedOut).toEqual({ outcome: 'signed-out', server: null });
});

test('what is on the screen of the user goes, and what the app shows itself stays', async () => {
  const { page, client } = await enabledForAda();
  showOn(page, { belfry: { binding: 'b1 of ada' } });
  showOn(page, { of: 'the app' });
  showOn(page, null);
  await client.logout();
  expect(page.shown.map(({ data }) => data)).toEqual([{ of: 'the app' }, null]);
});

test('with the network cut it is signed out all the same, and the next page load tells the server', async () => {
  const { page, client, leaving } = await enabledForAda();
  page.server.isDown = true;
  expect(await client.logout()).toMatchObject({ outcome: 'signed-out', server: { code: 'server-unreachable' } });
  expectNothingOfAda(page);
  expect(page.record?.leaving).toEqual([leaving]);
  expect(page.server.devices).toHaveLength(1);

  page.server.isDown = false;
  page.server.user = null;
  expect(await createPushClient(page).refresh()).toEqual({ status: 'off' });
  expect(page.server.devices).toEqual([]);
  expect(page.record?.leaving).toEqual([]);
});

test('a browser that cannot unsubscribe is signed out all the same', async () => {
  const { page, client } = await enabledForAda();
  page.push.unsubscribeError = new DOMException('…', 'AbortError');
  expect(await client.logout()).toEqual({ outcome: 'signed-out', server: null });
  expectNothingOfAda(page);
});

test('where storage fails that is told, and the subscription is ended all the same', async () => {
  const { page, client } = await enabledForAda();
  page.storageFailsAfter = 0;
  expect(await client.logout()).toMatchObject({ outcome: 'failed', error: { code: 'storage-failed' } });
  expect(page.push.subscription).toBeNull();
});

test.each([PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE])(
  'logging out while a device is confirmed, at %s, leaves nothing of it',
  async (route) => {
    const { page, client } = await enabledForAda();
    page.push.subscription = null;
    const held = holdRoute(page.server, route);
    const refreshed = client.refresh();
    await held.asked;
    const loggedOut = client.logout();
    await untilStatus(client, 'off');
    expectNothingOfAda(page);
    // The server answers before its session ends.
    held.release();
    await loggedOut;
    expect(await refreshed).toEqual({ status: 'off' });
    expectNothingOfAda(page);
    expect(page.push.subscription).toBeNull();
    expect(page.server.devices).toEqual([]);
    expect(page.record?.leaving).toEqual([]);
  },
);

test('logging out while push is enabled is told to who enabled', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const enabling = client.enable();
  await held.asked;
  await client.logout();
  held.release();
  expect(await enabling).toMatchObject({ outcome: 'failed', error: { code: 'signed-out' } });
  expect(client.state).toEqual({ status: 'off' });
  expect(page.server.devices).toEqual([]);
});

test('the next user gets messages without being asked for the permission again', async () => {
  const { page, client } = await enabledForAda();
  await client.logout();
  page.server.user = 'bob';
  expect(await client.identify('bob')).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
  expect(page.record).toMatchObject({ intent: 'on', user: 'bob', token: 'of bob' });
  expect(page.server.devices).toMatchObject([{ user: 'bob' }]);
});

test('who is signed out stays it until somebody is identified', async () => {
  const { page, client } = await enabledForAda();
  await client.logout();
  // Another tab that still knows ada, and a page that loads before the session has ended.
  expect(await createPushClient(page).refresh()).toEqual({ status: 'off' });
  page.fire('online');
  page.changePermission('default');
  page.changePermission('granted');
  expect(await client.refresh()).toEqual({ status: 'off' });
  expectNothingOfAda(page);
});

test('who clicks in that page afterwards is nobody it knows', async () => {
  const { page, client } = await enabledForAda();
  await client.logout();
  page.server.user = 'bob';
  expect(await client.enable()).toMatchObject({ outcome: 'on' });
  expect(page.record).toMatchObject({ user: null, confirmed: { binding: expect.stringContaining('of bob') } });
});

test('logging out has the last word over an identify() that began before it', async () => {
  const { page, client } = await enabledForAda();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: isSlow, resolve: noteSlow } = Promise.withResolvers<void>();
  const { latency } = page;
  page.latency = () => {
    page.latency = latency;
    noteSlow();
    return released;
  };
  const identified = client.identify('ada');
  await isSlow;
  await client.logout();
  release();
  expect(await identified).toEqual({ status: 'off' });
  expectNothingOfAda(page);
});

test('logging out where nothing was enabled ends what other code subscribed, and writes nothing', async () => {
  const page = fakePage();
  page.permission = 'granted';
  page.push.subscribeElsewhere(PUBLIC_KEY);
  expect(await createPushClient(page).logout()).toEqual({ outcome: 'signed-out', server: null });
  expect(page.push.subscription).toBeNull();
  expect(page.record).toBeUndefined();
});
