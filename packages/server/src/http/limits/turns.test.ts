import { expect, test } from 'vitest';
import { FakeClock } from '../../testing/fake-clock.test-data.ts';
import { createTurns, type Turns } from './turns.ts';

const takeAll = (turns: Turns): number => {
  let taken = 0;
  while (turns.take()) taken++;
  return taken;
};

test('turns come so many a second, saved up for three quarters of a second', () => {
  const clock = new FakeClock();
  const turns = createTurns({ perSecond: 200, clock });
  expect(takeAll(turns)).toBe(150);
  clock.advance(100);
  expect(takeAll(turns)).toBe(20);
  clock.advance(60_000);
  expect(takeAll(turns)).toBe(150);
});

test('a turn that is given back is there again', () => {
  const turns = createTurns({ perSecond: 200, clock: new FakeClock() });
  takeAll(turns);
  turns.giveBack();
  expect(takeAll(turns)).toBe(1);
});
