import { setImmediate } from 'node:timers/promises';
import { branded } from '@belfry/protocol';
import type { UserId } from '@belfry/store';
import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../testing/fake-clock.test-data.ts';
import { createUserLanes, type UserLanes, UserLanesBusyError } from './user-lanes.ts';

const ADA = branded<string, 'UserId'>('ada');
const BOB = branded<string, 'UserId'>('bob');

let clock: FakeClock;
let inLane: UserLanes;
let started: string[];
beforeEach(() => {
  clock = new FakeClock();
  inLane = createUserLanes({ lanes: 2, maxWaiting: 3, maxWaitMs: 5_000, clock });
  started = [];
});

/** A call that runs until it is told to end. */
function call(name: string, userId: UserId = ADA) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const result = inLane(userId, async () => {
    started.push(name);
    return await promise;
  });
  // The test looks at it later.
  result.catch(() => {});
  return { result, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test('two calls of a user run at once, the others in turn, and those of other users beside them', async () => {
  const [a, b, c, d] = [call('a'), call('b'), call('c'), call('d')];
  const other = call('of bob', BOB);
  expect(started).toEqual(['a', 'b', 'of bob']);
  a.fail();
  await expect(a.result).rejects.toThrow('a');
  expect(started).toEqual(['a', 'b', 'of bob', 'c']);
  for (const { end } of [b, c, d, other]) end();
  expect(await Promise.all([b.result, c.result, d.result, other.result])).toEqual(['b', 'c', 'd', 'of bob']);
  const again = [call('e'), call('f'), call('g')];
  expect(started.slice(-2)).toEqual(['e', 'f']);
  for (const { end } of again) end();
  await Promise.all(again.map(({ result }) => result));
});

test('of more calls than may wait the last is refused at once', async () => {
  const calls = Array.from({ length: 5 }, (_, n) => call(String(n)));
  await expect(call('too many').result).rejects.toThrow(UserLanesBusyError);
  for (const { end } of calls) end();
  expect(await Promise.all(calls.map(({ result }) => result))).toEqual(['0', '1', '2', '3', '4']);
});

test('a call that has waited for too long is refused, and never runs', async () => {
  const [a, b, late] = [call('a'), call('b'), call('late')];
  clock.advance(4_999);
  await setImmediate();
  clock.advance(1);
  await expect(late.result).rejects.toThrow(UserLanesBusyError);
  for (const { end } of [a, b]) end();
  await Promise.all([a.result, b.result]);
  const next = call('next');
  next.end();
  expect(await next.result).toBe('next');
  expect(started).toEqual(['a', 'b', 'next']);
});
