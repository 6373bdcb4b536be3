import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
  await server.restart({
    authenticate: (request) => {
      const userId = request.headers.get('x-user');
      return userId === null ? null : { userId, sessionId: request.headers.get('x-session') };
    },
  });
});
afterEach(() => server.close());

const inSession = (session: string, user = 'ada') =>
  subscribeBrowser(server, { user, headers: { 'x-session': session } });
const idsOf = async (user = 'ada') => (await server.belfry.devicesOf(user)).map(({ deviceId }) => deviceId);

describe('the end of a session', () => {
  test('forgets its devices, and no others', async () => {
    const kept = await inSession('s-2');
    await inSession('s-1');
    await inSession('s-1', 'bob');
    const without = await subscribeBrowser(server);
    expect(await server.belfry.endSession('s-1')).toBe(2);
    expect(await server.belfry.endSession('s-1')).toBe(0);
    expect(await idsOf()).toEqual([kept.deviceId, without.deviceId]);
    expect(await idsOf('bob')).toEqual([]);
  });

  test('leaves nothing of the device to come back with', async () => {
    const { deviceId, deviceSecret } = await inSession('s-1');
    await server.belfry.endSession('s-1');
    const body = { ...subscribeAtSink().subscription, deviceId, deviceSecret };
    expect(await server.post('/resubscribe', { body, user: null })).toMatchObject({ status: 404 });
    expect((await server.belfry.notify('ada', { title: 'x' })).devices).toBe(0);
  });
});

describe('the devices of a user', () => {
  test('have a limit, also where their push service says that each of them is gone', async () => {
    server.sink.answer = () => ({ status: 410 });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 50; n++) await subscribeBrowser(server, { user: 'mallory' });
      await (await server.belfry.notify('mallory', { title: 'x' })).settled();
      // Subscribing has a limit by the minute.
      server.clock.advance(60_000);
    }
    expect((await server.belfry.devicesOf('mallory')).length).toBeLessThanOrEqual(100);
  });

  test('are what an operator may see, and no more', async () => {
    const { subscription } = subscribeAtSink('do-not-tell');
    const known = { ...subscription, origin: ORIGIN, scope: `${ORIGIN}/`, timeZone: 'Europe/Rome', lang: 'it' };
    const answer = await server.post('/subscribe', { body: { ...known, deviceSecret: 'A'.repeat(43) } });
    const devices = await server.belfry.devicesOf('ada');
    expect(answer).toMatchObject({ body: { data: { deviceId: devices[0]?.deviceId } } });
    expect(devices).toEqual([
      {
        deviceId: expect.stringMatching(/^[\w-]{22}$/),
        state: 'live',
        pushService: 'rfc8030',
        pageOrigin: ORIGIN,
        timeZone: 'Europe/Rome',
        lang: 'it',
        silentSince: null,
        refusedAt: null,
      },
    ]);
  });

  test('are silent from the first message on that none reports, until one does', async () => {
    const { binding, deviceId, deviceSecret } = await subscribeBrowser(server);
    const { id, settled } = await server.belfry.notify('ada', { title: 'x' });
    await settled();
    await server.until(async () => (await server.belfry.devicesOf('ada'))[0]?.silentSince !== null);
    const now = server.clock.now();
    expect(await server.belfry.devicesOf('ada')).toMatchObject([{ silentSince: now }]);
    const receipts = [{ id, binding, kind: 'shown', at: now }];
    await server.post('/receipts', { body: { deviceId, deviceSecret, receipts }, user: null });
    expect(await server.belfry.devicesOf('ada')).toMatchObject([{ silentSince: null }]);
  });

  test('are told by push service, oldest first', async () => {
    const endpoints = [
      ['fcm.googleapis.com', 'fcm/send/x'],
      ['updates.push.services.mozilla.com', 'wpush/v2/x'],
      ['web.push.apple.com', 'x'],
      ['a.notify.windows.com', 'w/?token=x'],
    ] as const;
    for (const [host, path] of endpoints) {
      await subscribeBrowser(server, { subscription: subscribeAtSink(path, host).subscription });
    }
    const names = (await server.belfry.devicesOf('ada')).map(({ pushService }) => pushService);
    expect(names).toEqual(['fcm', 'mozilla', 'apple', 'wns']);
  });
});

test.each(['', 'x'.repeat(257), 'a\u0000'])('%j is no id of a user or a session', async (id) => {
  const refused = { id: 'invalid-target', status: 400 };
  await expect(server.belfry.endSession(id)).rejects.toMatchObject(refused);
  await expect(server.belfry.devicesOf(id)).rejects.toMatchObject(refused);
});
