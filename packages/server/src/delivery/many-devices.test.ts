import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const DEVICES = 3_000;

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

/** Devices of before there was a limit, which is the server's and not the store's. */
async function fillStore(user: string): Promise<void> {
  await server.belfry.close();
  const { subscription } = subscribeAtSink();
  const store = await sqlite(server.path)();
  const [keys] = await store.vapidKeys();
  if (keys === undefined) throw new Error('the server has made keys');
  const save = (n: number) =>
    store.saveDevice({
      userId: branded(user),
      sessionId: null,
      endpoint: branded(`https://push.example.net/many?${n}`),
      p256dh: branded(new Uint8Array(Buffer.from(subscription.keys.p256dh, 'base64url'))),
      auth: branded(new Uint8Array(Buffer.from(subscription.keys.auth, 'base64url'))),
      vapidPublicKey: keys.publicKey,
      newestVapidKey: keys.publicKey,
      expirationTime: null,
      secretHash: null,
      pageOrigin: null,
      workerScope: null,
      timeZone: null,
      lang: null,
      newPublicId: branded(randomUUID()),
      newBinding: branded(randomUUID()),
      now: server.clock.now(),
    });
  for (let done = 0; done < DEVICES; done += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => save(done + n)));
  }
  await store.close();
  await server.restart();
}

test('a message to thousands of devices of one user is taken page by page, and lets another user’s pass', async () => {
  await fillStore('mallory');
  const { subscription } = subscribeAtSink('ada');
  expect(await server.post('/subscribe', { user: 'ada', body: subscription })).toMatchObject({ status: 201 });

  const { devices } = await server.belfry.notify('mallory', { title: 'To many' });
  expect(devices).toBeNull();
  await server.until(() => server.sink.received.length > 0);
  const before = server.sink.received.length;
  const notified = await server.belfry.notify('ada', { title: 'To one' });
  expect(await notified.settled()).toMatchObject([{ outcome: 'accepted' }]);
  const place = server.sink.received.findIndex(({ headers }) => headers[':path'] === '/ada');
  // Two pages: what the push service has in flight, and the call of the encryptor that was under way.
  expect(place - before).toBeLessThan(1_000);
}, 120_000);
