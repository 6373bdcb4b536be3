import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SinkAnswer, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

const HOUR_MS = 3_600_000;

async function subscribe(user: string) {
  const device = subscribeAtSink(user);
  await server.post('/subscribe', { body: { ...device.subscription, origin: ORIGIN }, user });
  return device;
}

async function send(user: string, options?: { ttl: number }) {
  const notified = await server.belfry.notify(user, { title: user }, options);
  const [outcome] = await notified.settled();
  return outcome;
}

const paths = () => server.sink.received.map((push) => push.headers[':path']);

test.each<[string, SinkAnswer, string]>([
  ['announces a break', { status: 503, headers: { 'retry-after': '60' } }, 'retrying'],
  ['refuses the token', { status: 403 }, 'misconfigured'],
])('what is for a push service that %s waits for it, and has its first attempt after', async (what, answer, name) => {
  const users = ['ada', 'bob', 'cyd', 'dan'];
  for (const user of users) {
    await subscribe(user);
    expect(await send(user)).toMatchObject({ outcome: 'accepted' });
  }
  server.sink.received.length = 0;
  server.sink.answer = () => answer;
  const retryAt = server.clock.now() + 60_000;
  for (const user of ['ada', 'bob']) expect(await send(user)).toMatchObject({ outcome: name, retryAt });
  // Three users agree. Who was refused comes after the others, so that one of them asks.
  const ownRetryAt = what === 'refuses the token' ? retryAt + 5_000 : retryAt;
  expect(await send('cyd')).toMatchObject({ outcome: name, retryAt: ownRetryAt });
  for (const user of users) expect(await send(user)).toMatchObject({ outcome: name, retryAt });
  expect(paths()).toEqual(['/ada', '/bob', '/cyd']);

  server.sink.answer = () => ({ status: 201 });
  server.clock.advance(60_000);
  await server.until(() => server.sink.received.length >= 10, 5);
  expect(new Set(paths().slice(3))).toEqual(new Set(['/ada', '/bob', '/cyd', '/dan']));
  for (const user of users) expect(await send(user)).toMatchObject({ outcome: 'accepted' });
});

test('one device that is refused again and again does not hold up the others, and is told from them', async () => {
  const users = ['dan', 'bob', 'cyd'];
  for (const user of users) await subscribe(user);
  // In words that say nothing of the device, and before anybody was accepted.
  const headers = { date: new Date(server.clock.now()).toUTCString() };
  server.sink.answer = (push) => ({ status: push.headers[':path'] === '/dan' ? 403 : 201, headers });
  expect(await send('dan')).toMatchObject({ outcome: 'misconfigured' });
  expect(await send('dan')).toMatchObject({ outcome: 'misconfigured' });
  for (const user of ['bob', 'cyd']) expect(await send(user)).toMatchObject({ outcome: 'accepted' });
  expect(paths()).toEqual(['/dan', '/bob', '/cyd']);
  expect(await send('dan')).toMatchObject({ outcome: 'key-mismatch' });
});

test('a fault is told where all devices are one user’s, once when it begins and once when it ends', async () => {
  const told = () => server.log.filter((line) => /takes messages of this server again|refuses this server/v.test(line));
  await subscribe('ada');
  server.sink.answer = () => ({ status: 403, headers: { date: new Date(server.clock.now()).toUTCString() } });
  for (let i = 0; i < 3; i++) {
    expect(await send('ada', { ttl: 30 })).toMatchObject({ outcome: 'misconfigured' });
    server.clock.advance(600_000);
  }
  expect(told()).toEqual([expect.stringContaining('"fault":"vapid-refused"')]);
  expect(told()[0]).toContain('"refusedDevices":1');
  server.sink.answer = () => ({ status: 201 });
  expect(await send('ada')).toMatchObject({ outcome: 'accepted' });
  expect(told()).toHaveLength(2);
});

test('a message whose time ends before its push service is asked again says why', async () => {
  await subscribe('ada');
  server.sink.answer = () => ({ status: 403 });
  const outcome = await send('ada', { ttl: 30 });
  expect(outcome).toEqual({ deviceId: expect.any(String), outcome: 'misconfigured', status: 403 });
  expect(await send('ada', { ttl: 0 })).toMatchObject({ outcome: 'misconfigured' });
  server.clock.advance(60_000);
  server.sink.answer = () => ({ status: 201 });
  expect(await send('ada')).toMatchObject({ outcome: 'accepted' });
  expect(server.sink.received).toHaveLength(2);
});

test('a device whose messages are rejected for more than a day is gone', async () => {
  await subscribe('ada');
  server.sink.answer = () => ({ status: 418 });
  for (let i = 0; i < 3; i++) {
    expect(await server.devicesOf('ada')).toMatchObject([{ state: 'live' }]);
    expect(await send('ada')).toMatchObject({ outcome: 'rejected', status: 418 });
    server.clock.advance(13 * HOUR_MS);
  }
  expect(await server.devicesOf('ada')).toMatchObject([{ state: 'gone' }]);
});

test.each([400, 413])('a device is not where its messages are (%i)', async (status) => {
  await subscribe('ada');
  server.sink.answer = () => ({ status });
  for (let i = 0; i < 4; i++) {
    expect(await send('ada')).toMatchObject({ outcome: 'rejected' });
    server.clock.advance(13 * HOUR_MS);
  }
  expect(await server.devicesOf('ada')).toMatchObject([{ state: 'live' }]);
});
