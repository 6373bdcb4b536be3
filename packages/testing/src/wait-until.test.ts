import { expect, test } from 'vitest';
import { waitUntil, type WaitClock } from './wait-until.ts';

function fakeClock(): WaitClock {
  let now = 0;
  return {
    nowMs: () => now,
    sleep: async (durationMs) => {
      now += durationMs;
    },
  };
}

test('it asks at each interval until there is a result', async () => {
  const clock = fakeClock();
  const result = waitUntil(async () => (clock.nowMs() >= 60 ? clock.nowMs() : undefined), {
    timeoutMs: 100,
    intervalMs: 20,
    describe: () => 'a time',
    clock,
  });
  expect(await result).toBe(60);
});

test('at the deadline it says what it waited for', async () => {
  let asked = 0;
  const check = async (): Promise<undefined> => {
    asked += 1;
  };
  const wait = waitUntil(check, { timeoutMs: 50, intervalMs: 20, describe: () => 'a miracle', clock: fakeClock() });
  await expect(wait).rejects.toMatchObject({ code: 'wait-timeout', message: 'Waited 50 ms for a miracle' });
  expect(asked).toBe(4);
});

test('without time it still asks once', async () => {
  expect(await waitUntil(async () => 'now', { timeoutMs: 0, describe: () => '', clock: fakeClock() })).toBe('now');
});
