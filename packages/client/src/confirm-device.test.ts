import { expect, test } from 'vitest';
import { type FakePage, fakePage, untilStatus } from './fake-page.test-data.ts';
import {
  FOREIGN_KEY,
  holdRoute,
  OTHER_KEY,
  PUBLIC_KEY,
  PUBLIC_KEY_ROUTE,
  refusal,
  SUBSCRIBE_ROUTE,
} from './fake-server.test-data.ts';
import { createPushClient, type PushClient } from './push-client.ts';

async function enabled(): Promise<{ page: FakePage; client: PushClient }> {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  page.server.requests.splice(0);
  page.calls.splice(0);
  return { page, client };
}

function routesAsked({ server }: FakePage): string[] {
  return server.requests.map(({ route }) => route);
}

/** Browser, record and server have the same subscription, and no other. */
function expectAgreement({ push, record, server }: FakePage): void {
  const { endpoint } = push.subscription ?? {};
  const { deviceId, binding, vapidPublicKey } = record?.confirmed ?? {};
  expect(record?.confirmed?.endpoint).toBe(endpoint);
  expect(server.devices).toEqual([
    { deviceId, binding, vapidPublicKey, endpoint, deviceSecret: record?.deviceSecret, user: server.user },
  ]);
  expect(record?.leaving).toEqual([]);
}

test('a subscription that expired is replaced, and is the same device', async () => {
  const { page, client } = await enabled();
  page.push.subscription = null;
  expect(await client.refresh()).toEqual({ status: 'on' });
  expectAgreement(page);
  expect(page.record?.confirmed?.deviceId).toBe('d1');
});

test('a subscription under an older key is replaced by one under the newest', async () => {
  const { page, client } = await enabled();
  page.server.keys = [OTHER_KEY, PUBLIC_KEY];
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
  expect(routesAsked(page)).toEqual([SUBSCRIBE_ROUTE, SUBSCRIBE_ROUTE]);
  expect(page.push.subscription?.publicKey).toBe(OTHER_KEY);
  expectAgreement(page);
});

test('a subscription that its push service has given up is replaced under the same key', async () => {
  const { page, client } = await enabled();
  page.server.gone.add(page.push.subscription?.endpoint);
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  expectAgreement(page);
});

test('a renewal that is cut short is finished by the next look', async () => {
  const { page, client } = await enabled();
  page.server.gone.add(page.push.subscription?.endpoint);
  page.push.subscribeError = new DOMException('…', 'AbortError');
  expect(await client.refresh()).toEqual({ status: 'broken', reason: 'push-service-unavailable' });
  page.push.subscribeError = null;
  expect(await client.refresh()).toEqual({ status: 'on' });
  expectAgreement(page);
});

test('a server that forgot the device learns of it again', async () => {
  const { page, client } = await enabled();
  page.server.devices = [];
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.calls).toEqual([]);
  expectAgreement(page);
});

test('a server that has none of its former keys gets a subscription under its own', async () => {
  const { page, client } = await enabled();
  page.server.devices = [];
  page.server.keys = [OTHER_KEY];
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.push.subscription?.publicKey).toBe(OTHER_KEY);
  expectAgreement(page);
});

test('a subscription that the server has for somebody else, under other keys, is replaced', async () => {
  const page = fakePage();
  const client = createPushClient(page);
  const accept = page.server.routes[SUBSCRIBE_ROUTE];
  page.server.routes[SUBSCRIBE_ROUTE] = (body, init) =>
    body['endpoint'] === 'https://push.example/1'
      ? refusal(409, 'endpoint-conflict')
      : (accept?.(body, init) ?? refusal(404, 'no-route'));
  expect(await client.enable()).toMatchObject({ outcome: 'on' });
  expectAgreement(page);
});

test('a server that takes no subscription at all is told, and not asked for ever', async () => {
  const { page, client } = await enabled();
  page.server.routes[SUBSCRIBE_ROUTE] = () => refusal(409, 'endpoint-conflict');
  expect(await client.refresh()).toEqual({ status: 'broken', reason: 'server-refused' });
  expect(routesAsked(page)).toEqual([SUBSCRIBE_ROUTE, PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE]);
});

test('another sender’s subscription in place of ours is replaced', async () => {
  const { page, client } = await enabled();
  page.push.subscribeElsewhere(FOREIGN_KEY);
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.push.subscription?.publicKey).toBe(PUBLIC_KEY);
  expectAgreement(page);
});

test('a tab that hears late that its subscription is of no use keeps what another tab made of it', async () => {
  const { page, client } = await enabled();
  page.server.gone.add(page.push.subscription?.endpoint);
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const refreshed = client.refresh();
  await held.asked;
  expect(await createPushClient(page).refresh()).toEqual({ status: 'on' });
  held.release();
  expect(await refreshed).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
  expectAgreement(page);
});

test('two tabs that renew at the same moment end with one subscription', async () => {
  const { page } = await enabled();
  page.server.gone.add(page.push.subscription?.endpoint);
  const states = await Promise.all([createPushClient(page).refresh(), createPushClient(page).refresh()]);
  expect(states).toEqual([{ status: 'on' }, { status: 'on' }]);
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  expectAgreement(page);
});

test('two tabs that enable at the same moment are one device with one secret', async () => {
  const page = fakePage();
  const results = await Promise.all([createPushClient(page).enable(), createPushClient(page).enable()]);
  expect(results).toMatchObject([{ outcome: 'on' }, { outcome: 'on' }]);
  const posts = page.server.requests.filter(({ route }) => route === SUBSCRIBE_ROUTE);
  expect(new Set(posts.map(({ body }) => body['deviceSecret'])).size).toBe(1);
  expectAgreement(page);
});

test('a tab that disables while another confirms wins: nothing is left in browser and server', async () => {
  const { page, client } = await enabled();
  const other = createPushClient(page);
  page.push.subscription = null;
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const refreshed = client.refresh();
  await held.asked;
  await other.disable();
  held.release();
  expect(await refreshed).toEqual({ status: 'off' });
  expect(page.push.subscription).toBeNull();
  expect(page.server.devices).toEqual([]);
  expect(page.record).toMatchObject({ intent: 'off', confirmed: null, leaving: [] });
});

test('site data that is cleared while a device is confirmed leaves no device behind here', async () => {
  const { page, client } = await enabled();
  const held = holdRoute(page.server, SUBSCRIBE_ROUTE);
  const refreshed = client.refresh();
  await held.asked;
  page.stored.clear();
  held.release();
  expect(await refreshed).toEqual({ status: 'broken', reason: 'signed-out' });
  expect(page.push.subscription).toBeNull();
  expect(await createPushClient(page).refresh()).toEqual({ status: 'off' });
});

test('a session that ended while the browser was subscribed anew is told', async () => {
  const { page, client } = await enabled();
  page.push.subscription = null;
  page.server.user = null;
  expect(await client.refresh()).toEqual({ status: 'broken', reason: 'not-signed-in' });
  page.server.user = 'ada';
  page.fire('focus');
  await untilStatus(client, 'on');
  expectAgreement(page);
});

test("a device that was another user's has a new secret and a new subscription, which the former user does not know", async () => {
  const { page, client } = await enabled();
  const { deviceSecret: known } = page.record ?? {};
  page.server.user = 'bob';
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(routesAsked(page)).toEqual([SUBSCRIBE_ROUTE, SUBSCRIBE_ROUTE]);
  expect(page.record?.deviceSecret).toMatch(/^[\w\-]{43}$/v);
  expect(page.record?.deviceSecret).not.toBe(known);
  expect(page.server.retired).toContain(known);
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  expectAgreement(page);
});

test("a subscription that is another user's device, under another secret, is replaced", async () => {
  const { page, client } = await enabled();
  const others = page.server.devices.map((device) => ({ ...device, user: 'alice', deviceSecret: 'of alice' }));
  page.server.devices = others;
  expect(await client.refresh()).toEqual({ status: 'on' });
  // The new subscription is another device, and its secret is new as well.
  expect(routesAsked(page).filter((route) => route === SUBSCRIBE_ROUTE)).toHaveLength(3);
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  // What alice has is dead, as the browser has unsubscribed.
  expect(page.server.devices).toEqual(expect.arrayContaining(others));
  page.server.devices = page.server.devices.filter(({ user }) => user === 'ada');
  expectAgreement(page);
});

test('a former user who noted endpoint and keys cannot take the device before its browser has renewed it', async () => {
  const { page, client } = await enabled();
  const { deviceSecret: noted, confirmed } = page.record ?? {};
  page.server.user = 'bob';
  const accept = page.server.routes[SUBSCRIBE_ROUTE] ?? (() => refusal(404, 'no-route'));
  const refusals: number[] = [];
  let posts = 0;
  page.server.routes[SUBSCRIBE_ROUTE] = async (body, init) => {
    posts += 1;
    if (posts === 2) {
      page.server.user = 'ada';
      for (const deviceSecret of [noted, 'fresh', null]) {
        const { status } = await accept({ ...body, endpoint: confirmed?.endpoint, deviceSecret }, { headers: {} });
        refusals.push(status);
      }
      page.server.user = 'bob';
    }
    return accept(body, init);
  };
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect([posts, refusals]).toEqual([2, [409, 409, 409]]);
  expect(page.push.subscription?.endpoint).toBe('https://push.example/2');
  expectAgreement(page);
});

test('a browser that was told to renew, and closed before it could, is told so again', async () => {
  const { page, client } = await enabled();
  page.server.user = 'bob';
  page.push.subscribeError = new DOMException('…', 'AbortError');
  expect(await client.refresh()).toEqual({ status: 'broken', reason: 'push-service-unavailable' });
  page.push.subscribeError = null;
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.push.subscription?.endpoint).not.toBe('https://push.example/1');
  expectAgreement(page);
});

test('two tabs that hear of it at once make one new secret', async () => {
  const { page, client } = await enabled();
  const other = createPushClient(page);
  page.server.user = 'bob';
  const states = await Promise.all([client.refresh(), other.refresh()]);
  expect(states).toEqual([{ status: 'on' }, { status: 'on' }]);
  expectAgreement(page);
});

test('a new secret that the server could not be told of is sent by the next look', async () => {
  const { page, client } = await enabled();
  page.server.user = 'bob';
  const accept = page.server.routes[SUBSCRIBE_ROUTE];
  let asked = 0;
  page.server.routes[SUBSCRIBE_ROUTE] = (body, init) =>
    ++asked === 2
      ? Promise.reject(new TypeError('Failed to fetch'))
      : (accept?.(body, init) ?? refusal(404, 'no-route'));
  await client.refresh();
  expect(page.record?.confirmed?.binding).toMatch(/ of bob$/v);
  expect(await client.refresh()).toEqual({ status: 'on' });
  expectAgreement(page);
});

test('a secret that is retired is replaced, and so is the subscription, which a former user may know too', async () => {
  const { page, client } = await enabled();
  page.server.devices = [];
  page.server.retired.add(page.record?.deviceSecret);
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.calls).toEqual(['unsubscribe', 'subscribe']);
  expect(routesAsked(page)).toEqual([SUBSCRIBE_ROUTE, PUBLIC_KEY_ROUTE, SUBSCRIBE_ROUTE]);
  expectAgreement(page);
});

test.each([
  ['asks for a new secret', () => Response.json({ data: { deviceId: 'd1', binding: 'b1', renewSecret: true } })],
  ['refuses the secret', () => refusal(409, 'secret-retired')],
])('a server that always %s is asked twice', async (_what, respond) => {
  const { page, client } = await enabled();
  page.server.routes[SUBSCRIBE_ROUTE] = respond;
  await client.refresh();
  expect(routesAsked(page).filter((route) => route === SUBSCRIBE_ROUTE)).toHaveLength(2);
});

test('an id that the page did not know of is taken for another device, which gets a new secret', async () => {
  const { page, client } = await enabled();
  const { deviceSecret: known } = page.record ?? {};
  page.server.devices = [];
  expect(await client.refresh()).toEqual({ status: 'on' });
  expect(page.record?.deviceSecret).not.toBe(known);
  expectAgreement(page);
});
