import { expect, test } from 'vitest';
import { type FakePage, fakePage, showOn, untilStatus } from './fake-page.test-data.ts';
import { holdRoute, LEAVE_ROUTE, PUBLIC_KEY_ROUTE, refusal, SUBSCRIBE_ROUTE } from './fake-server.test-data.ts';
import { createPushClient, type PushClient } from './push-client.ts';

/** A browser that is enabled for ada, who is signed in. */
async function enabledForAda(): Promise<{ page: FakePage; client: PushClient; ada: { deviceSecret: string } }> {
  const page = fakePage();
  const client = createPushClient(page);
  await client.identify('ada');
  await client.enable();
  page.server.requests.splice(0);
  page.calls.splice(0);
  const { deviceSecret = '' } = page.record ?? {};
  return { page, client, ada: { deviceSecret } };
}

test('who is identified before push is enabled is noted when it is', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  expect(await client.identify('ada')).toEqual({ status: 'promptable' });
  expect(page.record).toBeUndefined();
  await client.enable();
  expect(page.record).toMatchObject({ user: 'ada', confirmed: { binding: 'b1 of ada' } });
});

test('the same user again costs what a refresh() costs', async () => {
  const { page, client, ada } = await enabledForAda();
  expect(await client.identify('ada')).toEqual({ status: 'on' });
  expect(page.server.requests.map(({ route }) => route)).toEqual([SUBSCRIBE_ROUTE]);
  expect(page.record).toMatchObject({ deviceSecret: ada.deviceSecret, user: 'ada', leaving: [] });
});

test('what is on the screen stays for the same user, and goes for another', async () => {
  const { page, client } = await enabledForAda();
  showOn(page, { belfry: { binding: 'b1 of ada' } });
  await client.identify('ada');
  expect(page.shown).toHaveLength(1);
  page.server.isDown = true;
  await client.identify('bob');
  expect(page.shown).toEqual([]);
});

test('another user gets the browser: their binding, a new secret, and the server forgets the old one', async () => {
  const { page, client, ada } = await enabledForAda();
  page.server.user = 'bob';
  expect(await client.identify('bob')).toEqual({ status: 'on' });
  const { record } = page;
  expect(record).toMatchObject({ user: 'bob', confirmed: { binding: 'b2 of bob' }, leaving: [] });
  expect(record?.deviceSecret).toMatch(/^[\w-]{43}$/);
  expect(record?.deviceSecret).not.toBe(ada.deviceSecret);
  const sent = page.server.requests.map(({ route, body }) => ({ route, body }));
  expect(sent).toMatchObject([
    { route: PUBLIC_KEY_ROUTE },
    { route: SUBSCRIBE_ROUTE, body: { deviceSecret: record?.deviceSecret, endpoint: 'https://push.example/2' } },
    { route: LEAVE_ROUTE, body: { deviceId: 'd1', deviceSecret: ada.deviceSecret } },
  ]);
  expect(page.server.devices).toMatchObject([{ user: 'bob', deviceSecret: record?.deviceSecret }]);
  // Ada may have noted endpoint and keys.
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
});

test('another user gets a new subscription also where the server forgot the device of the one before', async () => {
  const { page, client } = await enabledForAda();
  page.server.user = 'bob';
  const held = page.server.routes[PUBLIC_KEY_ROUTE];
  page.server.routes[PUBLIC_KEY_ROUTE] = () => refusal(503, 'busy');
  expect(await client.identify('bob')).toEqual({ status: 'broken', reason: 'server-refused' });
  expect(page.record?.leaving).toEqual([]);
  expect(page.server.devices).toEqual([]);
  if (held) page.server.routes[PUBLIC_KEY_ROUTE] = held;
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.server.devices).toMatchObject([{ user: 'bob', endpoint: 'https://push.example/2' }]);
});

test('nothing of the former user is shown before the server has answered, nor said to be on', async () => {
  const { page, client, ada } = await enabledForAda();
  page.server.user = 'bob';
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const identified = client.identify('bob');
  await held.asked;
  expect(page.record).toMatchObject({
    user: 'bob',
    token: null,
    confirmed: null,
    leaving: [{ deviceId: 'd1', deviceSecret: ada.deviceSecret }],
  });
  expect(client.state).toEqual({ status: 'broken', reason: 'unconfirmed' });
  held.release();
  expect(await identified).toEqual({ status: 'on' });
});

test('with the network cut the former user’s messages are not shown, and it is mended later', async () => {
  const { page, client, ada } = await enabledForAda();
  page.server.isDown = true;
  expect(await client.identify('bob')).toEqual({ status: 'broken', reason: 'server-unreachable' });
  expect(page.record).toMatchObject({ user: 'bob', confirmed: null, leaving: [ada] });
  page.server.isDown = false;
  page.server.user = 'bob';
  page.fire('online');
  await untilStatus(client, 'on');
  await client.refresh();
  expect(page.record).toMatchObject({ confirmed: { binding: expect.stringContaining('bob') }, leaving: [] });
});

test('an answer that comes for the former user counts for nothing, and the server is told', async () => {
  const { page, client } = await enabledForAda();
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const refreshed = client.refresh();
  await held.asked;
  const other = createPushClient(page);
  page.server.user = 'bob';
  page.server.isDown = true;
  await other.identify('bob');
  expect(page.record?.confirmed).toBeNull();
  page.server.isDown = false;
  page.server.user = 'ada';
  held.release();
  expect(await refreshed).toEqual({ status: 'broken', reason: 'signed-out' });
  expect(page.record).toMatchObject({ user: 'bob', confirmed: null, leaving: [] });
  expect(page.server.devices).toEqual([]);
  // It is bob's now.
  expect(page.push.subscription?.endpoint).toBe('https://push.example/1');
  page.server.user = 'bob';
  expect(await other.refresh()).toEqual({ status: 'on' });
});

test('another tab that still knows the former user takes nothing back, though its token is theirs', async () => {
  const page = fakePage();
  const ada = createPushClient({ ...page, token: 'of ada' });
  await ada.identify('ada');
  await ada.enable();
  const bob = createPushClient({ ...page, token: 'of bob' });
  await bob.identify('bob');
  page.server.requests.splice(0);
  expect(await ada.refresh()).toEqual({ status: 'broken', reason: 'signed-out' });
  page.fire('focus');
  await untilStatus(bob, 'on');
  expect(page.server.requests).toEqual([]);
  expect(page.record).toMatchObject({ user: 'bob', token: 'of bob', confirmed: { binding: 'b2 of bob' } });
  // A click there is for nobody: it cannot be known whose it is, before that page is told again.
  expect(await ada.enable()).toMatchObject({ outcome: 'failed', error: { code: 'signed-out' } });
  expect(page.record).toMatchObject({ user: 'bob', token: 'of bob', confirmed: { binding: 'b2 of bob' } });
  expect(await ada.identify('ada')).toEqual({ status: 'on' });
  expect(page.record).toMatchObject({ user: 'ada', token: 'of ada', confirmed: { binding: 'b3 of ada' } });
});

test('where nobody said who was before, another user may have been: the binding is renewed', async () => {
  const page = fakePage();
  await createPushClient(page).enable();
  page.server.isDown = true;
  await createPushClient(page).identify('bob');
  expect(page.record).toMatchObject({ user: 'bob', confirmed: null, leaving: [{ deviceId: 'd1' }] });
});

test('enabling while somebody is identified for the first time is not disturbed by it', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const enabling = client.enable();
  await held.asked;
  const identified = client.identify('ada');
  held.release();
  expect(await enabling).toMatchObject({ outcome: 'on' });
  expect(await identified).toEqual({ status: 'on' });
  expect(page.record).toMatchObject({ user: 'ada', confirmed: { binding: expect.stringContaining('ada') } });
});

test('where the storage fails once, the next look notes who is signed in', async () => {
  const { page, client } = await enabledForAda();
  page.server.user = 'bob';
  page.storageFailsAfter = 0;
  await client.identify('bob');
  await client.refresh();
  expect(page.record).toMatchObject({ user: 'bob', confirmed: { binding: expect.stringContaining('of bob') } });
  expect(client.state).toEqual({ status: 'on' });
});
