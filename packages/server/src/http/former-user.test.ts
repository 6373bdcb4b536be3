import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { aSecret, type KnownBrowser, moveBrowser, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { startPushSink, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

/** What the page and the worker post of a browser, with what they know at that time. */
const posted = ({ subscription, deviceSecret }: Pick<KnownBrowser, 'subscription' | 'deviceSecret'>) => ({
  ...subscription,
  deviceSecret,
});

async function notify(user: string, title: string): Promise<void> {
  await (await server.belfry.notify(user, { title })).settled();
}

function proof({ deviceId }: Record<string, unknown>, deviceSecret: string) {
  return { deviceId, deviceSecret };
}

function dataOf(body: unknown): Record<string, unknown> {
  return Object(Reflect.get(Object(body), 'data'));
}

/** Alice used this browser and notes what it knows; then Bob signs in, and page or worker posts without a new secret. */
async function bobAfterAlice() {
  const shared = subscribeAtSink();
  const alice = await subscribeBrowser(server, { user: 'alice', subscription: shared.subscription });
  const answer = await server.post('/subscribe', { user: 'bob', body: posted(alice) });
  return { shared, alice, answer, bob: dataOf(answer.body) };
}

describe('a former user of a shared browser', () => {
  test("gets none of the next user's messages by giving the device an endpoint of their own", async () => {
    const { shared, alice, answer, bob } = await bobAfterAlice();
    const own = subscribeAtSink();
    for (const deviceId of [alice.deviceId, bob['deviceId']]) {
      const body = { deviceId, deviceSecret: alice.deviceSecret, ...own.subscription };
      expect(await server.post('/resubscribe', { user: null, body })).toMatchObject({
        status: 404,
        body: { error: { id: 'unknown-device' } },
      });
    }
    await notify('bob', 'For Bob alone');
    const [push] = server.sink.received;
    expect(server.sink.received).toHaveLength(1);
    expect(push?.headers[':path']).toBe(new URL(shared.subscription.endpoint).pathname);
    expect(shared.read(push)).toMatchObject({ notification: { title: 'For Bob alone' } });
    expect(() => own.read(push)).toThrow('decryption-failed');
    expect(answer).toMatchObject({ status: 201, body: { data: { renewSecret: true } } });
    expect(bob['deviceId']).not.toBe(alice.deviceId);
  });

  test('cannot remove the device, nor report for it', async () => {
    const { shared, alice, bob } = await bobAfterAlice();
    const { deviceSecret } = alice;
    const { endpoint } = shared.subscription;
    for (const which of [{ endpoint }, { deviceId: alice.deviceId }, { deviceId: bob['deviceId'] }]) {
      const removed = await server.post('/subscribe', {
        method: 'DELETE',
        user: null,
        body: { deviceSecret, ...which },
      });
      expect(removed.body).not.toMatchObject({ data: { removed: true } });
    }
    const receipts = [{ id: 'x'.repeat(22), binding: bob['binding'], kind: 'shown', at: 1 }];
    for (const deviceId of [alice.deviceId, bob['deviceId']]) {
      const body = { deviceId, deviceSecret, receipts };
      expect(await server.post('/receipts', { user: null, body })).toMatchObject({ status: 404 });
    }
    await notify('bob', 'Still here');
    expect(shared.read(server.sink.received[0])).toMatchObject({ notification: { title: 'Still here' } });
  });

  test('takes nothing back with a request that arrives late, or again', async () => {
    const { shared, alice } = await bobAfterAlice();
    // Bob's page makes a new secret, as it was told.
    const renewed = { ...posted(alice), deviceSecret: aSecret() };
    expect(await server.post('/subscribe', { user: 'bob', body: renewed })).toMatchObject({
      status: 201,
      body: { data: { renewSecret: false } },
    });
    expect(await server.post('/subscribe', { user: 'alice', body: posted(alice) })).toMatchObject({
      status: 409,
      body: { error: { id: 'secret-retired' } },
    });
    await notify('bob', 'Still here');
    expect(shared.read(server.sink.received[0])).toMatchObject({ notification: { title: 'Still here' } });
    await notify('alice', 'Nowhere');
    expect(server.sink.received).toHaveLength(1);
  });

  test('cannot take the device back with the endpoint and the keys that they noted, once the browser has renewed them', async () => {
    const { shared, answer, alice, bob } = await bobAfterAlice();
    // Bob's page is told to, and answers with one request.
    expect(answer).toMatchObject({ body: { data: { renew: true, renewSecret: true } } });
    const renewed = subscribeAtSink();
    const deviceSecret = aSecret();
    const body = { ...renewed.subscription, deviceSecret, deviceId: bob['deviceId'] };
    expect(await server.post('/subscribe', { user: 'bob', body })).toMatchObject({
      status: 201,
      body: { data: { deviceId: bob['deviceId'], binding: bob['binding'], renew: false, renewSecret: false } },
    });
    expect(await server.belfry.devicesOf('bob')).toHaveLength(1);
    for (const secret of [aSecret(), alice.deviceSecret]) {
      const noted = { ...shared.subscription, deviceSecret: secret, deviceId: bob['deviceId'] };
      await server.post('/subscribe', { user: 'alice', body: noted });
    }
    expect(await server.belfry.devicesOf('bob')).toMatchObject([{ deviceId: bob['deviceId'], state: 'live' }]);
    await notify('bob', 'For Bob');
    expect(renewed.read(server.sink.received.at(-1))).toMatchObject({ notification: { title: 'For Bob' } });
    await notify('alice', 'For Alice');
    expect(server.sink.received.at(-1)?.headers[':path']).toBe(new URL(shared.subscription.endpoint).pathname);
    const worker = { ...proof(bob, deviceSecret), ...subscribeAtSink().subscription };
    expect(await server.post('/resubscribe', { user: null, body: worker })).toMatchObject({ status: 200 });
  });

  test.each([
    ['before the browser has a new secret', false],
    ['once the browser has a new secret, and its page was closed before it renewed the subscription', true],
  ])('cannot take the device with the endpoint and keys that they noted, %s', async (_when, isSecretNew) => {
    const { shared, alice, bob } = await bobAfterAlice();
    const deviceSecret = aSecret();
    const subscribe = (user: string, body: object) => server.post('/subscribe', { user, body });
    if (isSecretNew) await subscribe('bob', { ...shared.subscription, deviceSecret });
    const { deviceId } = bob;
    for (const secret of [aSecret(), undefined, alice.deviceSecret]) {
      const noted = { ...shared.subscription, deviceSecret: secret, deviceId };
      const id = secret === alice.deviceSecret ? 'secret-retired' : 'endpoint-conflict';
      expect(await subscribe('alice', noted)).toMatchObject({ status: 409, body: { error: { id } } });
    }
    expect(await server.belfry.devicesOf('alice')).toEqual([]);
    expect(await server.belfry.devicesOf('bob')).toMatchObject([{ deviceId, state: 'live' }]);
    await notify('bob', 'For Bob');
    expect(shared.read(server.sink.received.at(-1))).toMatchObject({ notification: { title: 'For Bob' } });
    // At his next visit the browser does what it was told at the last.
    const renewed = subscribeAtSink();
    expect(await subscribe('bob', { ...renewed.subscription, deviceSecret, deviceId })).toMatchObject({
      status: 201,
      body: { data: { deviceId, renew: false, renewSecret: false } },
    });
  });

  test('cannot claim the subscription by another path at which its push service serves it', async () => {
    const host = 'fcm.googleapis.com';
    const fcm = await startPushSink(host);
    onTestFinished(() => fcm.close());
    await server.restart({ developmentPushServices: [fcm.service] });
    const { subscription, read } = subscribeAtSink('fcm/send/cZ1:APA91b-x_y', host);
    const alice = await subscribeBrowser(server, { user: 'alice', subscription });
    await moveBrowser(server, { user: 'bob', browser: alice });
    for (const path of ['fcm/send', 'wp', 'preprod/wp']) {
      const noted = { ...subscription, endpoint: subscription.endpoint.replace('fcm/send', path) };
      expect(
        await server.post('/subscribe', { user: 'alice', body: { ...noted, deviceSecret: aSecret() } }),
      ).toMatchObject({
        status: 409,
        body: { error: { id: 'endpoint-conflict' } },
      });
    }
    expect(await server.belfry.devicesOf('alice')).toEqual([]);
    await notify('alice', 'Nowhere');
    await notify('bob', 'For Bob');
    expect(fcm.received).toHaveLength(1);
    expect(read(fcm.received[0])).toMatchObject({ notification: { title: 'For Bob' } });
  });

  test('cannot make a device with a secret that the next user has retired', async () => {
    const { alice } = await bobAfterAlice();
    const body = { ...subscribeAtSink().subscription, deviceSecret: alice.deviceSecret };
    expect(await server.post('/subscribe', { user: 'alice', body })).toMatchObject({ status: 409 });
  });
});

describe('the next user of a shared browser', () => {
  test("cannot revive a former user's device with the secret that was left there", async () => {
    const alice = await subscribeBrowser(server, { user: 'alice' });
    server.sink.answer = () => ({ status: 410 });
    await notify('alice', 'Gone');
    // The browser has a new subscription, and its page posts it with the same secret.
    const body = { ...subscribeAtSink().subscription, deviceSecret: alice.deviceSecret };
    expect(await server.post('/subscribe', { user: 'bob', body })).toMatchObject({
      status: 201,
      body: { data: { renewSecret: true } },
    });
    const { deviceId, deviceSecret } = alice;
    const revival = { deviceId, deviceSecret, ...subscribeAtSink().subscription };
    expect(await server.post('/resubscribe', { user: null, body: revival })).toMatchObject({ status: 404 });
  });

  test('proves the device with the new secret only', async () => {
    const { alice, bob } = await bobAfterAlice();
    const renewed = { ...posted(alice), deviceSecret: aSecret() };
    const again = await server.post('/subscribe', { user: 'bob', body: renewed });
    expect(dataOf(again.body)).toMatchObject({ deviceId: bob['deviceId'], binding: bob['binding'] });
    const revival = (deviceSecret: string) => ({
      user: null,
      body: { deviceId: bob['deviceId'], deviceSecret, ...subscribeAtSink().subscription },
    });
    expect(await server.post('/resubscribe', revival(alice.deviceSecret))).toMatchObject({ status: 404 });
    expect(await server.post('/resubscribe', revival(renewed.deviceSecret))).toMatchObject({ status: 200 });
  });
});
