import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeClock } from './testing/fake-clock.test-data.ts';
import { startWakeLoop } from './wake-loop.ts';

const HOUR_MS = 3_600_000;
const logger = { info() {}, warn() {}, error() {} };

test.each([-HOUR_MS, HOUR_MS])('a clock that is set by %i ms during a step delays nothing', async (stepMs) => {
  const clock = new FakeClock();
  let steps = 0;
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'The step failed',
    async step() {
      steps += 1;
      // Something is due in 30 s, by the clock that is read before somebody sets it.
      const nextAt = clock.now() + 30_000;
      if (steps === 1) clock.jump(stepMs);
      return nextAt;
    },
  });
  loop.wakeAt(clock.now());
  for (let second = 0; second < 10; second++) {
    clock.advance(1000);
    await setImmediate();
  }
  expect(steps).toBeGreaterThan(1);
  await loop.stop();
});
