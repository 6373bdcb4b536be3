import { StoreError } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
  const users = Array.from({ length: 500 }, (_, n) => `user-${n}`);
  await Promise.all(users.map((user) => server.post('/subscribe', { user, body: subscribeAtSink(user).subscription })));
});
afterEach(() => server.close());

async function broadcast(): Promise<string> {
  const { id } = await server.belfry.notify({ all: true }, { title: 'To all' });
  return id;
}

const isDone = (id: string) => async () => (await server.belfry.messageStatus(id))?.state === 'done';
const reached = () => new Set(server.sink.received.map(({ headers }) => headers[':path']));

test('close() finishes the pages under way and takes no more; the next process goes on behind them', async () => {
  const id = await broadcast();
  await server.until(() => server.sink.received.length > 0);
  await server.belfry.close();
  const sent = server.sink.received.length;
  expect(sent % 100).toBe(0);
  expect(sent).toBeLessThan(500);
  await server.restart();
  expect(await server.belfry.messageStatus(id)).toMatchObject({ state: 'fanning-out', deliveries: { accepted: sent } });
  await server.until(isDone(id), 1);
  expect([reached().size, server.sink.received.length]).toEqual([500, 500]);
});

test('a disk that is full in the middle of a broadcast is asked again until it takes what was sent, and nobody has it twice', async () => {
  let isFull = true;
  await server.restart({
    store: async () => {
      const store = await sqlite(server.path)();
      return {
        ...store,
        commitPage: (page) =>
          isFull ? Promise.reject(new StoreError('store-failed', 'database or disk is full')) : store.commitPage(page),
      };
    },
  });
  const id = await broadcast();
  await server.until(() => server.log.some((line) => line.includes('disk is full')));
  const sent = server.sink.received.length;
  for (let turn = 0; turn < 20; turn += 1) await server.until(() => true, server.clock.advance(5_000) ?? 0);
  expect(server.sink.received).toHaveLength(sent);
  isFull = false;
  await server.until(isDone(id), 10);
  expect([reached().size, server.sink.received.length]).toEqual([500, 500]);
});
