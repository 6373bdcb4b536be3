import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SinkAnswer, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const DEVICES = 12;

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

test.each<[string, Parameters<TestBelfry['belfry']['notify']>[0]]>([
  ['a small message', 'ada'],
  ['a broadcast', { all: true }],
])('what a slow push service takes of %s that is cancelled meanwhile is accepted', async (_what, target) => {
  const { id } = await server.belfry.notify(target, { title: 'Too late' });
  await server.until(() => server.sink.received.length > 0);
  expect(await server.belfry.cancelMessage(id)).toBe('changed');
  answering.resolve({ status: 201 });
  await server.until(async () => (await deliveriesOf(id))?.accepted === DEVICES);
  expect(await server.belfry.messageStatus(id)).toMatchObject({
    state: 'cancelled',
    deliveries: { accepted: DEVICES },
  });
});

test('what a slow push service takes for devices that are unsubscribed meanwhile is accepted', async () => {
  const { id } = await server.belfry.notify('ada', { title: 'Too late' });
  await server.until(() => server.sink.received.length > 0);
  for (let n = 0; n < DEVICES; n++) {
    const { endpoint } = subscribeAtSink(`device-${n}`).subscription;
    expect(await server.post('/subscribe', { method: 'DELETE', body: { endpoint } })).toMatchObject({ status: 200 });
  }
  answering.resolve({ status: 201 });
  await server.until(async () => (await deliveriesOf(id))?.accepted === DEVICES);
  expect(await server.belfry.messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: DEVICES } });
});
