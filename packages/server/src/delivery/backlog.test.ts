import { setImmediate } from 'node:timers/promises';
import type { Store } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink, type ReceivedPush } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

// Many messages wait for one user's devices, whose push service hangs.

const TIMEOUT_MS = 120_000;
const MINUTE_MS = 60_000;

let server: TestBelfry;
/** Deliveries that were taken from the store because their time had come. */
let taken: number;
beforeEach(async () => {
  taken = 0;
  server = await startTestBelfry();
  await server.restart({
    store: async () => {
      const store = await sqlite(server.path)();
      return {
        ...store,
        async takeDue(request: Parameters<Store['takeDue']>[0]) {
          const due = await store.takeDue(request);
          taken += due.deliveries.length;
          return due;
        },
      };
    },
  });
});
afterEach(async () => {
  // It would wait for requests that hang, by a clock that nobody turns.
  for (const session of server.sink.sessions) session.destroy();
  await server.close();
});

const isFor = (push: ReceivedPush, user: string): boolean => push.headers[':path']?.startsWith(`/${user}/`) === true;

async function subscribe(user: string, devices: number): Promise<void> {
  for (let n = 0; n < devices; n++) {
    const body = subscribeAtSink(`${user}/${n}`).subscription;
    expect(await server.post('/subscribe', { body, user })).toMatchObject({ status: 201 });
  }
}

async function send(user: string, messages: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < messages; n++) ids.push((await server.belfry.notify(user, { title: `${n}` })).id);
  return ids;
}

/** Time passes, second by second, and what is due in each is taken and written. */
async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 1000) {
    server.clock.advance(1000);
    for (let turn = 0; turn < 5; turn++) {
      await setImmediate();
      // The writer has done by then what it was asked before.
      await server.belfry.endSession('nobody');
    }
  }
}

async function acceptedOf(ids: readonly string[]): Promise<number> {
  const all = await Promise.all(ids.map((id) => server.belfry.messageStatus(id)));
  return all.reduce((sum, status) => sum + (status?.deliveries.accepted ?? 0), 0);
}

/** @returns after how many milliseconds that was; time passes no faster than messages are asked about */
async function untilAccepted(ids: readonly string[], count: number): Promise<number> {
  const startedAt = server.clock.now();
  while ((await acceptedOf(ids)) < count) await pass(1000);
  return server.clock.now() - startedAt;
}

test('600 deliveries to devices of one user that hang are taken up about once a second', {
  timeout: TIMEOUT_MS,
}, async () => {
  await subscribe('bob', 1);
  await subscribe('mallory', 10);
  server.sink.answer = (push) => (isFor(push, 'mallory') ? 'never' : { status: 201 });
  await send('bob', 1);
  await send('mallory', 60);
  await pass(2 * MINUTE_MS);
  const before = taken;
  await pass(5 * MINUTE_MS);
  expect(taken - before).toBeLessThan(5 * 60 * 1.5);
  const notified = await server.belfry.notify('bob', { title: 'hi' });
  expect(await notified.settled()).toMatchObject([{ outcome: 'accepted' }]);
});

test('a user’s devices that work have what came at once within minutes', { timeout: TIMEOUT_MS }, async () => {
  await subscribe('ada', 10);
  const release = Promise.withResolvers<void>();
  server.sink.answer = async () => {
    await release.promise;
    return { status: 201 };
  };
  const ids = await send('ada', 60);
  release.resolve();
  expect(await untilAccepted(ids, 600)).toBeLessThan(5 * MINUTE_MS);
});

test('what waited for a push service that hung is there soon after it responds again', {
  timeout: TIMEOUT_MS,
}, async () => {
  await subscribe('ada', 6);
  let hangs = false;
  server.sink.answer = () => (hangs ? 'never' : { status: 201 });
  await send('ada', 1);
  hangs = true;
  const ids = await send('ada', 20);
  await pass(10 * MINUTE_MS);
  expect(await acceptedOf(ids)).toBe(0);
  hangs = false;
  // Some that hung were tried, and come again by the delay of their own attempts.
  expect(await untilAccepted(ids, 110)).toBeLessThan(10 * MINUTE_MS);
});
