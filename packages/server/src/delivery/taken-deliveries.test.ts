import type { TakenDelivery, Withdrawal } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeBrowser } from '../testing/a-browser.test-data.ts';
import type { SinkAnswer } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const MESSAGES = 12;
/** How many requests to one user's devices, which have accepted nothing yet, may be in flight at first. */
const IN_FLIGHT = 2;

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

test('a store that may have missed something can ask what was taken, and withdraw that', async () => {
  let tell: ((withdrawal: Withdrawal) => void) | undefined;
  let taken: () => readonly TakenDelivery[] = () => [];
  await server.restart({
    store: async (effects) => ({
      ...(await sqlite(server.path)(effects)),
      onWithdrawal: (listener, askTaken) => {
        tell = listener;
        taken = () => [...askTaken()];
        return () => {};
      },
    }),
  });
  const answering = Promise.withResolvers<SinkAnswer>();
  server.sink.answer = () => answering.promise;
  const { binding } = await subscribeBrowser(server, { user: 'alice' });
  const ids: string[] = [];
  for (let n = 0; n < MESSAGES; n++) ids.push((await server.belfry.notify('alice', { title: 'Secret' })).id);
  await server.until(() => server.sink.received.length === IN_FLIGHT && taken().length === MESSAGES);
  expect(taken()).toEqual(ids.map((message) => ({ message, deviceId: taken()[0]?.deviceId, binding })));

  tell?.({ messages: [], bindings: taken().map((delivery) => delivery.binding) });
  answering.resolve({ status: 201 });
  await server.until(() => taken().length === 0);
  expect(server.sink.received).toHaveLength(IN_FLIGHT);
});
