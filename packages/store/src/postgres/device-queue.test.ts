import { expect, test } from 'vitest';
import { createDeviceQueue } from './device-queue.ts';

/** A call that runs until it is told to end. */
function aCall() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const call = {
    isRunning: false,
    end: resolve,
    run: async () => {
      call.isRunning = true;
      await promise;
      call.isRunning = false;
    },
  };
  return call;
}

test('calls with one key run one after the other, and leave the other lanes free', async () => {
  const queue = createDeviceQueue({ lanes: 2 });
  const [first, second, other] = [aCall(), aCall(), aCall()];
  const calls = [queue('user:ada', first.run), queue('user:ada', second.run), queue('user:bob', other.run)];
  other.end();
  await calls[2];
  expect([first.isRunning, second.isRunning]).toEqual([true, false]);
  first.end();
  await calls[0];
  await queue('user:carol', async () => {});
  expect(second.isRunning).toBe(true);
  second.end();
  await Promise.all(calls);
});

test('no more calls run than there are lanes', async () => {
  const queue = createDeviceQueue({ lanes: 1 });
  const [first, second] = [aCall(), aCall()];
  const calls = [queue('user:ada', first.run), queue('user:bob', second.run)];
  expect([first.isRunning, second.isRunning]).toEqual([false, false]);
  second.end();
  first.end();
  await Promise.all(calls);
});

test.each([
  { of: 'a key', keys: ['user:ada', 'user:ada', 'user:ada'] },
  { of: 'the lanes', keys: ['user:ada', 'user:bob', 'user:carol'] },
])('what would wait for $of behind too many calls is refused, and what failed makes room', async ({ keys }) => {
  const queue = createDeviceQueue({ lanes: 1, maxWaitingForKey: 1, maxWaitingForLane: 1 });
  const [first = '', second = '', third = ''] = keys;
  const failing = Promise.withResolvers<void>();
  const calls = Promise.allSettled([
    queue(first, () => failing.promise),
    queue(second, async () => 'second'),
    queue(third, async () => 'third'),
  ]);
  await expect(queue(third, async () => 'late')).rejects.toMatchObject({ code: 'store-busy' });
  const failure = new Error('the first fails');
  failing.reject(failure);
  expect(await calls).toMatchObject([
    { status: 'rejected', reason: failure },
    { status: 'fulfilled', value: 'second' },
    { status: 'rejected', reason: { code: 'store-busy' } },
  ]);
  expect(await queue(third, async () => 'later')).toBe('later');
});
