import { expect, test } from 'vitest';
import { fakePage } from './fake-page.test-data.ts';
import { holdRoute, LEAVE_ROUTE, refusal, SUBSCRIBE_ROUTE } from './fake-server.test-data.ts';
import { createPushClient } from './push-client.ts';

async function enabled() {
  const page = fakePage();
  const client = createPushClient(page);
  await client.identify('ada');
  await client.enable();
  const { deviceSecret = '' } = page.record ?? {};
  page.server.requests.splice(0);
  page.calls.splice(0);
  return { page, client, leaving: { deviceId: 'd1', deviceSecret } };
}

test('disabling ends the subscription, tells the server, and binds the browser to nobody', async () => {
  const { page, client, leaving } = await enabled();
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(client.state).toEqual({ status: 'off' });
  expect(page.calls).toEqual(['unsubscribe']);
  expect(page.server.requests).toMatchObject([{ route: LEAVE_ROUTE, body: leaving }]);
  expect(page.server.devices).toEqual([]);
  expect(page.record).toMatchObject({ intent: 'off', user: 'ada', token: null, confirmed: null, leaving: [] });
  expect(page.record?.deviceSecret).not.toBe(leaving.deviceSecret);
});

test('what was disabled stays off: at the next page load, and whoever signs in', async () => {
  const { page, client } = await enabled();
  await client.disable();
  const next = createPushClient(page);
  expect(await next.refresh()).toEqual({ status: 'off' });
  expect(await next.identify('ada')).toEqual({ status: 'off' });
  await next.logout();
  expect(await next.identify('bob')).toEqual({ status: 'off' });
  expect(page.push.subscription).toBeNull();
  expect(await next.enable()).toMatchObject({ outcome: 'on' });
});

test('a device that was never enabled is off, and the server is not asked', async () => {
  const page = fakePage();
  page.permission = 'granted';
  const client = createPushClient(page);
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(client.state).toEqual({ status: 'off' });
  expect(page.server.requests).toEqual([]);
  expect(page.record).toBeUndefined();
});

test('when the server fails this is told, the browser is unsubscribed, and a second call finishes it', async () => {
  const { page, client, leaving } = await enabled();
  page.server.isDown = true;
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: null,
    server: { code: 'server-unreachable' },
  });
  expect(client.state).toEqual({ status: 'off' });
  expect(page.push.subscription).toBeNull();
  expect(page.record?.leaving).toEqual([leaving]);

  page.server.isDown = false;
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(page.server.requests.map(({ body }) => body)).toEqual([leaving, leaving]);
  expect(page.record?.leaving).toEqual([]);
});

test.each([429, 503])('a server that answers %d is told at the next page load', async (status) => {
  const { page, client } = await enabled();
  const accept = page.server.routes[LEAVE_ROUTE];
  page.server.routes[LEAVE_ROUTE] = () => refusal(status, 'later');
  expect(await client.disable()).toMatchObject({ server: { code: 'server-refused', status } });
  expect(page.server.devices).toHaveLength(1);
  if (accept) page.server.routes[LEAVE_ROUTE] = accept;
  await createPushClient(page).refresh();
  expect(page.server.devices).toEqual([]);
  expect(page.record?.leaving).toEqual([]);
});

test('a server that knows no such device is not asked again', async () => {
  const { page, client } = await enabled();
  page.server.routes[LEAVE_ROUTE] = () => refusal(404, 'unknown-device');
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(page.record?.leaving).toEqual([]);
});

test('when the browser fails this is told, the server is told all the same, and a second call tries again', async () => {
  const { page, client } = await enabled();
  page.push.unsubscribeError = new DOMException('…', 'AbortError');
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: { code: 'unsubscribe-failed', cause: page.push.unsubscribeError },
    server: null,
  });
  expect(page.server.devices).toEqual([]);
  expect(client.state).toEqual({ status: 'off' });

  page.push.unsubscribeError = null;
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(page.push.subscription).toBeNull();
});

test('when both fail both are told, and the worker shows nothing any more all the same', async () => {
  const { page, client } = await enabled();
  page.push.unsubscribeError = new DOMException('…', 'AbortError');
  page.server.routes[LEAVE_ROUTE] = () => refusal(500, 'unable');
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: { code: 'unsubscribe-failed' },
    server: { code: 'server-refused', serverErrorId: 'unable' },
  });
  expect(client.state).toEqual({ status: 'off' });
  expect(page.record?.confirmed).toBeNull();
});

test('when it cannot be noted here that is told, and the browser is unsubscribed all the same', async () => {
  const { page, client } = await enabled();
  page.storageFailsAfter = 0;
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: null,
    server: { code: 'storage-failed' },
  });
  expect(page.push.subscription).toBeNull();
  expect(client.state).toEqual({ status: 'broken', reason: 'unconfirmed' });
});

test('the answer of an unsubscribe() that is false, as Firefox gives it, is no failure', async () => {
  const { page, client } = await enabled();
  const { subscription } = page.push;
  if (subscription === null) throw new Error('not subscribed');
  subscription.unsubscribe = async () => {
    page.push.subscription = null;
    return false;
  };
  expect(await client.disable()).toEqual({ outcome: 'off' });
});

test('disabling waits for what subscribes just now', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const enabling = client.enable();
  await held.asked;
  const disabling = client.disable();
  held.release();
  expect(await enabling).toMatchObject({ outcome: 'on' });
  expect(await disabling).toEqual({ outcome: 'off' });
  expect(page.push.subscription).toBeNull();
  expect(page.server.devices).toEqual([]);
});
