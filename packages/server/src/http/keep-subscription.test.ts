import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

const asked = (renew: boolean) => ({ status: 201, body: { data: expect.objectContaining({ success: true, renew }) } });

describe('renewing', () => {
  const newestKey = async (): Promise<unknown> =>
    Reflect.get(Object((await server.post('/public-key', { method: 'GET' })).body), 'publicKey');

  test('is asked for until the browser has subscribed with the newest key, which the answer holds', async () => {
    const { subscription } = subscribeAtSink();
    const older = await newestKey();
    expect(await server.post('/subscribe', { body: subscription, user: 'rotated' })).toEqual(asked(false));
    await server.belfry.rotateVapidKeys();
    const newest = await newestKey();
    for (const body of [subscription, { ...subscription, vapidPublicKey: older }]) {
      const answer = await server.post('/subscribe', { body, user: 'rotated' });
      expect(answer).toEqual(asked(true));
      expect(answer).toMatchObject({ body: { data: { publicKey: newest } } });
    }
    const renewed = { ...subscribeAtSink().subscription, vapidPublicKey: newest };
    expect(await server.post('/subscribe', { body: renewed, user: 'rotated' })).toEqual(asked(false));
  });

  test('is asked for where the endpoint was gone', async () => {
    const { subscription } = subscribeAtSink();
    await server.post('/subscribe', { body: subscription, user: 'gone' });
    server.sink.answer = () => ({ status: 410 });
    await (await server.belfry.notify('gone', { title: 'x' })).settled();
    server.sink.answer = () => ({ status: 201 });
    await server.until(async () => (await server.belfry.devicesOf('gone'))[0]?.state === 'gone');
    expect(await server.post('/subscribe', { body: subscription, user: 'gone' })).toEqual(asked(true));
    const renewed = subscribeAtSink().subscription;
    expect(await server.post('/subscribe', { body: renewed, user: 'gone' })).toEqual(asked(false));
  });
});
