import { branded } from '@belfry/protocol';
import type { Withdrawal } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KnownBrowser, moveBrowser, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { type SinkAnswer, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const DEVICES = 12;
/** How many requests to one user's devices, which have accepted nothing yet, may be in flight at first. */
const IN_FLIGHT = 2;

let server: TestBelfry;
let answering = Promise.withResolvers<SinkAnswer>();
beforeEach(async () => {
  server = await startTestBelfry();
  answering = Promise.withResolvers();
  server.sink.answer = () => answering.promise;
  for (let n = 0; n < DEVICES; n++) {
    const body = { ...subscribeAtSink(`device-${n}`).subscription, origin: ORIGIN };
    await server.post('/subscribe', { body });
  }
});
afterEach(() => server.close());

const deliveriesOf = async (id: string) => (await server.belfry.messageStatus(id))?.deliveries;

/** All that may be in flight of one user is at the push service, which has not responded; the others wait in memory. */
const inFlight = () => server.until(() => server.sink.received.length === IN_FLIGHT);
const WAITING = DEVICES - IN_FLIGHT;

test.each<[string, Parameters<TestBelfry['belfry']['notify']>[0]]>([
  ['a small message', 'ada'],
  ['a broadcast', { all: true }],
])(
  'of %s that is cancelled, a slow push service gets no more, and what it takes is accepted',
  async (_what, target) => {
    const { id } = await server.belfry.notify(target, { title: 'Too late' });
    await inFlight();
    expect(await server.belfry.cancelMessage(id)).toBe('changed');
    answering.resolve({ status: 201 });
    await server.until(async () => (await deliveriesOf(id))?.accepted === IN_FLIGHT);
    const next = await server.belfry.notify(target, { title: 'Next' });
    await server.until(async () => (await deliveriesOf(next.id))?.accepted === DEVICES);
    expect(await server.belfry.messageStatus(id)).toMatchObject({
      state: 'cancelled',
      deliveries: { accepted: IN_FLIGHT, cancelled: WAITING },
    });
    expect(server.sink.received).toHaveLength(IN_FLIGHT + DEVICES);
  },
);

test('what waits in memory for devices of a session that ends is not sent', async () => {
  await server.restart({
    authenticate: (request) => ({ userId: 'eve', sessionId: request.headers.get('x-session') }),
  });
  server.sink.answer = () => answering.promise;
  for (let n = 0; n < DEVICES; n++) {
    const body = { ...subscribeAtSink(`of-session-${n}`).subscription, origin: ORIGIN };
    await server.post('/subscribe', { body, headers: { 'x-session': 's-1' } });
  }
  const { id } = await server.belfry.notify('eve', { title: 'Private' });
  await inFlight();
  expect(await server.belfry.endSession('s-1')).toBe(DEVICES);
  const body = { ...subscribeAtSink('of-session-0').subscription, origin: ORIGIN };
  await server.post('/subscribe', { body, headers: { 'x-session': 's-2' } });
  answering.resolve({ status: 201 });
  await server.until(async () => (await deliveriesOf(id))?.accepted === IN_FLIGHT);
  // The same browser, signed in again, gets what is sent to it from then on.
  const next = await server.belfry.notify('eve', { title: 'Next' });
  await server.until(async () => (await deliveriesOf(next.id))?.accepted === 1);
  expect(await deliveriesOf(id)).toEqual({ accepted: IN_FLIGHT, dropped: WAITING });
  expect(server.sink.received).toHaveLength(IN_FLIGHT + 1);
});

test('what a slow push service takes for devices that are unsubscribed meanwhile is accepted, and the rest is not sent', async () => {
  const { id } = await server.belfry.notify('ada', { title: 'Too late' });
  await inFlight();
  for (let n = 0; n < DEVICES; n++) {
    const { endpoint } = subscribeAtSink(`device-${n}`).subscription;
    expect(await server.post('/subscribe', { method: 'DELETE', body: { endpoint } })).toMatchObject({ status: 200 });
  }
  answering.resolve({ status: 201 });
  await server.until(async () => (await deliveriesOf(id))?.accepted === IN_FLIGHT);
  expect(await server.belfry.messageStatus(id)).toMatchObject({
    state: 'done',
    deliveries: { accepted: IN_FLIGHT, dropped: WAITING },
  });
  expect(server.sink.received).toHaveLength(IN_FLIGHT);
});

test('what another process has withdrawn is not sent', async () => {
  let tell: ((withdrawal: Withdrawal) => void) | undefined;
  await server.restart({
    store: async (effects) => ({
      ...(await sqlite(server.path)(effects)),
      onWithdrawal: (listener) => {
        tell = listener;
        return () => {};
      },
    }),
  });
  server.sink.answer = () => answering.promise;
  const { binding } = await subscribeBrowser(server, { user: 'alice' });
  for (let n = 0; n < DEVICES; n++) await server.belfry.notify('alice', { title: 'Secret' });
  await inFlight();
  tell?.({ messages: [], bindings: [branded(binding)] });
  answering.resolve({ status: 201 });
  const { id } = await server.belfry.notify('ada', { title: 'For another user' });
  await server.until(async () => (await deliveriesOf(id))?.accepted === DEVICES);
  expect(server.sink.received).toHaveLength(IN_FLIGHT + DEVICES);
});

/** One browser of Alice's. All that may be in flight for her is at its slow push service; more of her messages wait in memory. */
test.each<[string, (browser: KnownBrowser) => Promise<unknown>]>([
  ['another user signs in on the browser', (browser) => moveBrowser(server, { user: 'bob', browser })],
  [
    'the worker unsubscribes with its secret',
    ({ deviceId, deviceSecret }) =>
      server.post('/subscribe', { method: 'DELETE', user: null, body: { deviceId, deviceSecret } }),
  ],
  [
    'its user unsubscribes it',
    ({ subscription: { endpoint } }) =>
      server.post('/subscribe', { method: 'DELETE', user: 'alice', body: { endpoint } }),
  ],
])('after %s, no message of the former user begins to be sent', async (_what, end) => {
  const browser = await subscribeBrowser(server, { user: 'alice' });
  for (let n = 0; n < DEVICES; n++) await server.belfry.notify('alice', { title: 'Secret' });
  await inFlight();
  await end(browser);
  answering.resolve({ status: 201 });
  const { id } = await server.belfry.notify('ada', { title: 'For another user' });
  await server.until(async () => (await deliveriesOf(id))?.accepted === DEVICES);
  expect(server.sink.received).toHaveLength(IN_FLIGHT + DEVICES);
});
