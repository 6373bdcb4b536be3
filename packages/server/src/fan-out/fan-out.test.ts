import type { MessageStatus, Store } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PushSink, type SinkAnswer, startPushSink, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

const MESSAGE = { title: 'To all' };

/** So many users, `user-0` first, each with a device whose endpoint has the user's name. */
async function subscribeUsers(count: number, { host, zone }: { host?: string; zone?: string } = {}): Promise<void> {
  const users = Array.from({ length: count }, (_, n) => `user-${n}${host ?? ''}`);
  const saved = users.map((user) =>
    server.post('/subscribe', {
      user,
      body: { ...subscribeAtSink(user, host).subscription, origin: ORIGIN, timeZone: zone },
    }),
  );
  for (const { status } of await Promise.all(saved)) expect(status).toBe(201);
}

async function statusOf(id: string): Promise<MessageStatus> {
  const status = await server.belfry.messageStatus(id);
  if (status === undefined) throw new Error('there is such a message');
  return status;
}

const isDone = (id: string) => async () => (await statusOf(id)).state === 'done';
const received = (sink: PushSink = server.sink): string[] =>
  sink.received.map(({ headers }) => String(headers[':path']).slice(1)).toSorted();

test('a broadcast reaches every device once, page by page, and says how it went', async () => {
  await subscribeUsers(450);
  const { id, devices } = await server.belfry.notify({ all: true }, MESSAGE);
  expect(devices).toBeNull();
  await server.until(isDone(id));
  expect(await statusOf(id)).toMatchObject({ state: 'done', deliveries: { accepted: 450 } });
  expect(new Set(received()).size).toBe(450);
  expect(server.sink.received).toHaveLength(450);
});

test('a broadcast is for those who were there when it was asked for', async () => {
  await subscribeUsers(3);
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await subscribeUsers(1, { zone: 'Europe/Rome' });
  await server.post('/subscribe', { user: 'late', body: subscribeAtSink('late').subscription });
  await server.until(isDone(id));
  expect(received()).toEqual(['user-0', 'user-1', 'user-2']);
});

test('one device that is gone, or fails, does not stop the others, and has what it needs next', async () => {
  await subscribeUsers(5);
  let isFailing = true;
  server.sink.answer = ({ headers }) => {
    if (headers[':path'] === '/user-1') return { status: 410 };
    return { status: headers[':path'] === '/user-3' && isFailing ? 500 : 201 };
  };
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await server.until(() => received().length >= 5);
  isFailing = false;
  await server.until(isDone(id), 10);
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 4, gone: 1 });
  expect((await server.devicesOf('user-1')).map(({ state }) => state)).toEqual(['gone']);
});

test('a push service whose pause ends while chunks are being leased has its part of a broadcast then', async () => {
  const other = await startPushSink('other.example.net');
  let endsPause = false;
  await server.restart({
    developmentPushServices: [server.sink.service, other.service],
    store: async () => {
      const store = await sqlite(server.path)();
      return {
        ...store,
        async leaseChunks(request: Parameters<Store['leaseChunks']>[0]) {
          if (endsPause) server.clock.advance(1);
          return await store.leaseChunks(request);
        },
      };
    },
  });
  await subscribeUsers(1);
  await subscribeUsers(300, { host: 'other.example.net' });
  const pauseMs = 60_000;
  other.answer = () => ({ status: 503, headers: { 'retry-after': String(pauseMs / 1000) } });
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await server.until(async () => ((await statusOf(id)).deliveries.retrying ?? 0) > 0);
  other.answer = () => ({ status: 201 });
  server.clock.advance(pauseMs - 1);
  endsPause = true;
  await (await server.belfry.notify('user-0', MESSAGE)).settled();
  endsPause = false;
  await server.until(isDone(id), 1_000);
  expect((await statusOf(id)).deliveries.accepted).toBe(301);
  await other.close();
});

test('a push service that is down has its part of a broadcast later, without a row for each device', async () => {
  const other = await startPushSink('other.example.net');
  await server.restart({ developmentPushServices: [server.sink.service, other.service] });
  await subscribeUsers(300);
  await subscribeUsers(300, { host: 'other.example.net' });
  other.answer = () => ({ status: 503, headers: { 'retry-after': '600' } });
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await server.until(async () => (await statusOf(id)).deliveries.accepted === 300);
  expect((await statusOf(id)).deliveries.retrying ?? 0).toBeLessThanOrEqual(200);
  const tried = other.received.length;
  other.answer = () => ({ status: 201 });
  server.clock.advance(600_000);
  await server.until(isDone(id), 20);
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 600 });
  expect(other.received.length - tried).toBe(300);
  await server.belfry.close();
  await other.close();
  await server.restart();
});

test('pause stops a broadcast after the page under way, resume goes on behind it, and nobody has it twice', async () => {
  await subscribeUsers(500);
  const { id } = await server.belfry.notify({ all: true }, MESSAGE, { devicesPerSecond: 100 });
  await server.until(() => server.sink.received.length >= 100);
  expect(await server.belfry.pauseMessage(id)).toBe('changed');
  await server.until(
    async () => (await statusOf(id)).state === 'paused' && server.sink.received.length % 100 === 0,
    10,
  );
  const sofar = server.sink.received.length;
  for (let turn = 0; turn < 50; turn += 1) await server.until(() => true, server.clock.advance(1_000) ?? 0);
  expect(server.sink.received.length).toBe(sofar);
  expect(await server.belfry.resumeMessage(id)).toBe('changed');
  await server.until(isDone(id), 10);
  expect(new Set(received()).size).toBe(500);
  expect(server.sink.received).toHaveLength(500);
});

test('a throttled broadcast has no more than its devices a second', async () => {
  await subscribeUsers(30);
  const startedAt = server.clock.now();
  const { id } = await server.belfry.notify({ all: true }, MESSAGE, { devicesPerSecond: 10 });
  await server.until(isDone(id), 10);
  expect(server.clock.now() - startedAt).toBeGreaterThanOrEqual(2_000);
});

test('a throttled broadcast has no more than its devices a second over all push services', async () => {
  const other = await startPushSink('other.example.net');
  await server.restart({ developmentPushServices: [server.sink.service, other.service] });
  await subscribeUsers(1);
  await subscribeUsers(1, { host: 'other.example.net' });
  // Both are known to respond from now on.
  const first = await server.belfry.notify({ all: true }, MESSAGE);
  await server.until(isDone(first.id), 10);
  for (const host of [undefined, 'other.example.net']) {
    for (let n = 1; n < 40; n += 1) {
      const { subscription } = subscribeAtSink(`more-${n}`, host);
      await server.post('/subscribe', { user: `more-${n}`, body: { ...subscription, origin: ORIGIN } });
    }
  }
  const startedAt = server.clock.now();
  const { id } = await server.belfry.notify({ all: true }, MESSAGE, { devicesPerSecond: 10 });
  await server.until(() => server.sink.received.length >= 11 && other.received.length >= 11, 10);
  // Neither waits until the other has had all.
  expect(server.sink.received.length).toBeLessThan(40);
  expect(other.received.length).toBeLessThan(40);
  await server.until(isDone(id), 10);
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 80 });
  expect(server.clock.now() - startedAt).toBeGreaterThanOrEqual(7_000);
  await server.belfry.close();
  await other.close();
  await server.restart();
});

test('what is cancelled reaches nobody else', async () => {
  await subscribeUsers(100);
  const { id } = await server.belfry.notify({ all: true }, MESSAGE, { devicesPerSecond: 10 });
  await server.until(() => server.sink.received.length >= 10);
  const answer = await server.post(`/messages/${id}`, {
    method: 'DELETE',
    user: null,
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  expect(answer).toMatchObject({ status: 200, body: { data: { state: 'cancelled' } } });
  const sofar = server.sink.received.length;
  for (let turn = 0; turn < 20; turn += 1) await server.until(() => true, server.clock.advance(1_000) ?? 0);
  expect(server.sink.received.length).toBeLessThanOrEqual(sofar + 10);
  expect(await server.belfry.resumeMessage(id)).toBe('unchanged');
});

test('a topic reaches the devices of its users, and its own, as a condition reads', async () => {
  await subscribeUsers(4);
  const [device] = await server.devicesOf('user-2');
  await server.belfry.joinTopic('news', 'user-0');
  await server.belfry.joinTopic('news', { device: String(device?.publicId) });
  await server.belfry.joinTopic('sport', 'user-0');
  const topic = await server.belfry.notify({ topic: 'news' }, MESSAGE);
  await server.until(isDone(topic.id));
  expect(received()).toEqual(['user-0', 'user-2']);
  server.sink.received.length = 0;
  const condition = await server.belfry.notify({ condition: "'news' in topics && !('sport' in topics)" }, MESSAGE);
  await server.until(isDone(condition.id));
  expect(received()).toEqual(['user-2']);
});

test('a scheduled message waits for its time, across a restart', async () => {
  await subscribeUsers(2);
  const at = server.clock.now() + 3_600_000;
  const { id, devices } = await server.belfry.notify('user-1', MESSAGE, { at });
  expect([devices, (await statusOf(id)).state]).toEqual([null, 'scheduled']);
  await server.restart();
  server.clock.advance(3_599_000);
  await statusOf(id);
  expect(received()).toEqual([]);
  await server.until(isDone(id), 10);
  expect(received()).toEqual(['user-1']);
});

test('a local time is each device’s own', async () => {
  // The clock of the test starts at midnight UTC.
  await subscribeUsers(1, { zone: 'Europe/Rome' });
  await server.post('/subscribe', {
    user: 'kathmandu',
    body: { ...subscribeAtSink('kathmandu').subscription, timeZone: 'Asia/Kathmandu' },
  });
  await server.post('/subscribe', { user: 'nowhere', body: subscribeAtSink('nowhere').subscription });
  const { id } = await server.belfry.notify({ all: true }, MESSAGE, { at: { local: '09:00' } });
  await server.until(async () => (await statusOf(id)).state === 'fanning-out', 1);
  const midnight = server.clock.now();
  for (const [hours, path] of [
    [3.25, 'kathmandu'],
    [8, 'user-0'],
    [9, 'nowhere'],
  ] as const) {
    server.clock.advance(midnight + hours * 3_600_000 - 60_000 - server.clock.now());
    await statusOf(id);
    expect(received()).not.toContain(path);
    await server.until(() => received().includes(path), 10);
  }
  await server.until(isDone(id));
});

test('the same idempotency key is the same message, and another body is refused', async () => {
  await subscribeUsers(1);
  const send = (title: string) =>
    server.post('/send', {
      user: null,
      headers: { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'order-1' },
      body: { target: 'user-0', message: { title } },
    });
  const first = await send('one');
  expect(await send('one')).toEqual(first);
  expect(await send('two')).toMatchObject({ status: 409, body: { error: { id: 'idempotency-conflict' } } });
  await server.sink.waitFor(1);
  expect(server.sink.received).toHaveLength(1);
});

test('a message to a user overtakes a broadcast', async () => {
  await subscribeUsers(400);
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await server.until(() => server.sink.received.length > 0);
  const before = server.sink.received.length;
  await (await server.belfry.notify('user-399', { title: 'For you' }, { ttl: 77 })).settled();
  const place = server.sink.received.findIndex(({ headers }) => headers.ttl === '77');
  expect(place - before).toBeLessThan(300);
  await server.until(isDone(id));
});

test.each([
  ['back by a day', -86_400_000],
  ['ahead by a day', 86_400_000],
])(
  'a clock that is set %s in the middle of a broadcast costs nobody a message, and nobody has it twice',
  async (_what, jumpMs) => {
    await subscribeUsers(450);
    const { id } = await server.belfry.notify({ all: true }, MESSAGE);
    await server.until(() => server.sink.received.length > 0);
    server.clock.jump(jumpMs);
    await server.until(isDone(id), 10);
    expect((await statusOf(id)).deliveries).toEqual({ accepted: 450 });
    expect(server.sink.received).toHaveLength(450);
  },
);

describe('a push service that refuses', () => {
  const paths = () => new Set(received());
  /** With the test's own time: a clock that is wrong would be the reason. */
  const refused = (): SinkAnswer => ({ status: 403, headers: { date: new Date(server.clock.now()).toUTCString() } });

  test('one device again and again does not keep its others from a broadcast', async () => {
    await subscribeUsers(250);
    let isDown = true;
    server.sink.answer = ({ headers }) => {
      if (isDown) return { status: 503, headers: { 'retry-after': '60' } };
      return headers[':path'] === '/user-0' ? refused() : { status: 201 };
    };
    const { id } = await server.belfry.notify({ all: true }, MESSAGE);
    await server.until(() => server.sink.received.length > 0);
    isDown = false;
    server.clock.advance(65_000);
    await server.until(async () => ((await statusOf(id)).deliveries.accepted ?? 0) >= 249, 20);
    expect(paths().size).toBe(250);
  });

  test('a few devices costs the others no time', async () => {
    await subscribeUsers(300);
    server.sink.answer = ({ headers }) => (/-\d?[05]0$/v.test(String(headers[':path'])) ? refused() : { status: 201 });
    const startedAt = server.clock.now();
    const { id } = await server.belfry.notify({ all: true }, MESSAGE);
    await server.until(async () => ((await statusOf(id)).deliveries.accepted ?? 0) >= 290, 1);
    expect(server.clock.now() - startedAt).toBeLessThan(10_000);
  });

  test.each<[string, () => SinkAnswer]>([
    ['by each answer alone', () => ({ status: 502 })],
    ['in the words of a wrong key, and has never accepted anything', refused],
  ])('everything, %s, has a row for a few devices and not for all', async (_what, answer) => {
    await subscribeUsers(600);
    server.sink.answer = answer;
    const { id } = await server.belfry.notify({ all: true }, MESSAGE);
    await server.until(async () => ((await statusOf(id)).deliveries.retrying ?? 0) > 0);
    for (let turn = 0; turn < 300; turn += 1) {
      server.clock.advance(10);
      await statusOf(id);
    }
    expect((await statusOf(id)).deliveries.retrying).toBeLessThanOrEqual(201);
    server.sink.answer = () => ({ status: 201 });
    await server.until(isDone(id), 50);
    expect((await statusOf(id)).deliveries.accepted).toBeGreaterThanOrEqual(600 - 201);
  });
});

test('throttled broadcasts keep nobody else from the same push service', async () => {
  await subscribeUsers(40);
  for (let n = 0; n < 5; n += 1) await server.belfry.notify({ all: true }, MESSAGE, { devicesPerSecond: 1 });
  await server.until(() => server.sink.received.length >= 5);
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  const startedAt = server.clock.now();
  await server.until(isDone(id), 1);
  // The others take 40 s each.
  expect(server.clock.now() - startedAt).toBeLessThan(30_000);
  // The others wait for their turn, by the test's clock.
  let isClosed = false;
  void server.belfry.close().finally(() => {
    isClosed = true;
  });
  await server.until(() => isClosed, 10);
});

test('a scheduled message is not late where the clock is set forward meanwhile', async () => {
  await subscribeUsers(1);
  const { id } = await server.belfry.notify('user-0', MESSAGE, { at: server.clock.now() + 3_600_000 });
  server.clock.jump(3_600_000);
  server.clock.advance(60_000);
  await server.until(isDone(id), 1);
  expect(received()).toEqual(['user-0']);
});
