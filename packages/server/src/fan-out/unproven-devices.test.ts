import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SinkAnswer, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import { timeUntil } from '../testing/time-until.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
// What still hangs is waited for, by the clock of the server.
afterEach(() => server.settled(server.close()));

/** Twelve accounts held a broadcast for 650 s. */
const HELD_MS = 60_000;
const MESSAGE = { title: 'To all' };
const pathsReceived = (): string[] => server.sink.received.map(({ headers }) => String(headers[':path']).slice(1));
const reached = (prefix: string): number => new Set(pathsReceived().filter((path) => path.startsWith(prefix))).size;

async function subscribe(user: string, timeZone?: string): Promise<void> {
  const body = { ...subscribeAtSink(user).subscription, timeZone };
  expect(await server.post('/subscribe', { user, body })).toMatchObject({ status: 201 });
}

async function subscribeMany(prefix: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => subscribe(`${prefix}${n}`)));
}

const answersOfMadeUp: [string, SinkAnswer][] = [
  ['throttles', { status: 429 }],
  ['refuses', { status: 401 }],
  ['never responds to', 'never'],
];

test.each(answersOfMadeUp)(
  'devices of twelve accounts that a push service always %s hold no broadcast there',
  async (_what, answer) => {
    // Each zone is a part of the broadcast of its own, and the first one is a page of which all fails.
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.startsWith('America/'));
    for (let n = 0; n < 12; n += 1) await subscribe(`eve-${n}`, zones[Math.max(0, n - 3)]);
    for (let n = 0; n < 20; n += 1) await subscribe(`ok-${n}`, 'Pacific/Auckland');
    server.sink.answer = ({ headers }) => (String(headers[':path']).startsWith('/eve') ? answer : { status: 201 });
    await server.belfry.notify({ all: true }, MESSAGE, { at: { local: '2020-01-01T00:00' } });
    // Each of them that was asked after the first page doubled a wait of 5 s.
    expect(await timeUntil(server, () => reached('ok-') === 20, { atMostMs: HELD_MS })).toBeLessThan(HELD_MS);
  },
);

test.each(answersOfMadeUp)(
  'after an outage, devices of twelve accounts that a push service %s do not make it longer',
  async (_what, answer) => {
    let isDown = true;
    await subscribeMany('first-', 200);
    await subscribeMany('eve-', 12);
    await subscribeMany('ok-', 100);
    server.sink.answer = ({ headers }) => {
      if (isDown) return { status: 502 };
      return String(headers[':path']).startsWith('/eve') ? answer : { status: 201 };
    };
    await server.belfry.notify({ all: true }, MESSAGE);
    await timeUntil(server, () => server.sink.received.length >= 200);
    isDown = false;
    // The first page makes the broadcast wait for 5 s; a device that hangs is waited for for 1 to 2 s.
    expect(await timeUntil(server, () => reached('ok-') === 100, { atMostMs: HELD_MS })).toBeLessThan(HELD_MS);
  },
);

test('an outage costs some sixteen rows for each wait where no device has ever accepted a message', async () => {
  await subscribeMany('user-', 400);
  server.sink.answer = () => ({ status: 502 });
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  // After waits of 5, 10 and 20 s.
  const elapsedMs = await timeUntil(server, () => reached('user-') >= 200 + 3 * 16);
  expect(elapsedMs).toBeGreaterThanOrEqual(35_000);
  expect((await server.belfry.messageStatus(id))?.deliveries.retrying).toBeLessThanOrEqual(200 + 3 * 16);
});
