import { expect, onTestFinished, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry } from '../testing/test-belfry.test-data.ts';

const DAY_MS = 24 * 3_600_000;

test('what a message came to is known for 30 days after its end, and its rows go then', async () => {
  const server = await startTestBelfry();
  onTestFinished(() => server.close());
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  const send = async () => {
    const { id, settled } = await server.belfry.notify('ada', { title: 'Hello' });
    await settled();
    return id;
  };
  const old = await send();
  server.clock.advance(20 * DAY_MS);
  const recent = await send();
  expect(await server.belfry.messageStatus(old)).toMatchObject({ state: 'done', deliveries: { accepted: 1 } });
  server.clock.advance(11 * DAY_MS);
  await server.until(async () => (await server.belfry.messageStatus(old)) === undefined, 1_000);
  expect(await server.belfry.messageStatus(recent)).toMatchObject({ state: 'done' });
});
