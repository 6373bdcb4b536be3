import type { MessageStatus } from '@belfry/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REQUEST_TIMEOUT_MS } from '../limits.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import { timeUntil } from '../testing/time-until.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
// What still hangs is waited for, by the clock of the server.
afterEach(() => server.settled(server.close()));

const MESSAGE = { title: 'To all' };
const pathOf = ({ headers }: { readonly headers: Record<string, unknown> }): string =>
  String(headers[':path']).slice(1);

async function subscribe(user: string, path: string, timeZone?: string): Promise<void> {
  const body = { ...subscribeAtSink(path).subscription, timeZone };
  expect(await server.post('/subscribe', { user, body })).toMatchObject({ status: 201 });
}

async function statusOf(id: string): Promise<MessageStatus> {
  const status = await server.belfry.messageStatus(id);
  if (status === undefined) throw new Error('there is such a message');
  return status;
}

const receivedOf = (prefix: string): number =>
  server.sink.received.filter((push) => pathOf(push).startsWith(prefix)).length;

test('fifty devices of one user that never respond stop no broadcast, wherever they are in it', async () => {
  const users = 1_000;
  for (let n = 0; n < users; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => subscribe(`user-${n + i}`, `ok-${n + i}`)));
    await subscribe('eve', `eve-${n}`);
  }
  server.sink.answer = (push) => (pathOf(push).startsWith('eve') ? 'never' : { status: 201 });
  await server.belfry.notify({ all: true }, MESSAGE);
  await server.belfry.notify({ all: true }, MESSAGE);
  // A page that waits for each of them takes 30 s, and there are five or six pages.
  expect(await timeUntil(server, () => receivedOf('ok-') === 2 * users)).toBeLessThan(REQUEST_TIMEOUT_MS);
});

test('nor do they where each is the only one of its part of the broadcast', async () => {
  const zones = Intl.supportedValuesOf('timeZone')
    .filter((zone) => zone.startsWith('America/'))
    .slice(0, 30);
  for (const zone of zones) await subscribe('eve', `eve-${zone}`, zone);
  await subscribe('ada', 'ok-ada', 'Pacific/Auckland');
  server.sink.answer = (push) => (pathOf(push).startsWith('eve') ? 'never' : { status: 201 });
  await server.belfry.notify({ all: true }, MESSAGE, { at: { local: '2020-01-01T00:00' } });
  expect(await timeUntil(server, () => receivedOf('ok-') === 1)).toBeLessThan(REQUEST_TIMEOUT_MS);
});

test('a device that responds after its page has its outcome counted, and is not sent to again', async () => {
  for (let n = 0; n < 10; n++) await subscribe(`user-${n}`, `ok-${n}`);
  await subscribe('slow', 'slow');
  const { promise, resolve } = Promise.withResolvers<void>();
  server.sink.answer = async (push) => {
    if (pathOf(push) === 'slow') await promise;
    return { status: 201 };
  };
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await timeUntil(server, async () => (await statusOf(id)).deliveries.sending === 1);
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 10, sending: 1 });
  resolve();
  await timeUntil(server, async () => (await statusOf(id)).state === 'done');
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 11 });
  expect(receivedOf('slow')).toBe(1);
});

test('a device that did not respond is tried again: after its time-out, and by the next process', async () => {
  for (let n = 0; n < 10; n++) await subscribe(`user-${n}`, `ok-${n}`);
  await subscribe('slow', 'slow');
  server.sink.answer = (push) => (pathOf(push) === 'slow' ? 'never' : { status: 201 });
  const { id } = await server.belfry.notify({ all: true }, MESSAGE);
  await timeUntil(server, async () => (await statusOf(id)).deliveries.sending === 1);
  await timeUntil(server, async () => (await statusOf(id)).deliveries.retrying === 1);
  await timeUntil(server, () => receivedOf('slow') === 2);
  server.sink.answer = () => ({ status: 201 });
  await server.settled(server.restart());
  await timeUntil(server, async () => (await statusOf(id)).state === 'done');
  expect((await statusOf(id)).deliveries).toEqual({ accepted: 11 });
  expect(receivedOf('slow')).toBe(3);
});

test('three accounts whose devices never respond do not make a page wait', async () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.startsWith('America/'));
  // More pages than a push service is given at once, each of three users.
  for (const zone of zones.slice(0, 5)) {
    for (const user of ['eve-1', 'eve-2', 'eve-3']) await subscribe(user, `${user}-${zone}`, zone);
  }
  await subscribe('ada', 'ok-ada', 'Pacific/Auckland');
  server.sink.answer = (push) => (pathOf(push).startsWith('eve') ? 'never' : { status: 201 });
  await server.belfry.notify({ all: true }, MESSAGE, { at: { local: '2020-01-01T00:00' } });
  expect(await timeUntil(server, () => receivedOf('ok-') === 1)).toBeLessThan(REQUEST_TIMEOUT_MS);
});

test.each([
  ['of devices that have accepted a message before', 6, true],
  ['of sixteen users', 16, false],
])(
  'where most of a page gets no response, %s, the page waits: its push service has a fault',
  async (_what, failing, isProven) => {
    for (let n = 0; n < failing + 4; n++) await subscribe(`user-${n}`, `ok-${n}`);
    if (isProven) {
      const { id } = await server.belfry.notify({ all: true }, MESSAGE);
      await timeUntil(server, async () => (await statusOf(id)).state === 'done');
    }
    server.sink.answer = (push) => (Number(pathOf(push).slice(3)) < failing ? 'never' : { status: 201 });
    const { id } = await server.belfry.notify({ all: true }, MESSAGE);
    const states = new Set<string>();
    const tookMs = await timeUntil(server, async () => {
      for (const state of Object.keys((await statusOf(id)).deliveries)) states.add(state);
      return states.has('retrying');
    });
    expect(tookMs).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS);
    expect(states).toEqual(new Set(['accepted', 'retrying']));
  },
);
