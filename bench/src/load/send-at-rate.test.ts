import { expect, test } from 'vitest';
import { dueAtMs, sendAtRate } from './send-at-rate.ts';

/** A clock that only sleeping moves. */
function fakeClock(tick: (delayMs: number) => number = (delayMs) => delayMs) {
  let now = 1000;
  return {
    now: () => now,
    async sleep(delayMs: number) {
      now += tick(delayMs);
    },
  };
}

test('every message goes at its time, by the clock', async () => {
  const clock = fakeClock();
  const sentAt: number[] = [];
  const startedAtMs = await sendAtRate(
    async (sequence) => {
      sentAt[sequence] = clock.now();
    },
    { perSecond: 250, count: 4, ...clock },
  );
  expect(startedAtMs).toBe(1000);
  expect(sentAt).toEqual([1000, 1004, 1008, 1012]);
  expect(sentAt).toEqual([0, 1, 2, 3].map((sequence) => dueAtMs({ startedAtMs, perSecond: 250 }, sequence)));
});

test('a sender that was held up sends what is due at once, and then is in time again', async () => {
  let isHeldUp = true;
  const clock = fakeClock((delayMs) => {
    const delay = isHeldUp ? 10 : delayMs;
    isHeldUp = false;
    return delay;
  });
  const sentAt: number[] = [];
  const send = async (): Promise<void> => void sentAt.push(clock.now());
  await sendAtRate(send, { perSecond: 250, count: 5, ...clock });
  expect(sentAt).toEqual([1000, 1010, 1010, 1012, 1016]);
});

test('it does not wait for answers before it sends, and does before it ends', async () => {
  const clock = fakeClock();
  const answers = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  let sent = 0;
  let isOver = false;
  const running = sendAtRate(
    async (sequence) => {
      sent += 1;
      if (sent === answers.length) allSent.resolve();
      await answers[sequence]?.promise;
    },
    { perSecond: 1000, count: answers.length, ...clock },
  ).finally(() => {
    isOver = true;
  });
  const allSent = Promise.withResolvers<void>();
  await allSent.promise;
  expect({ sent, isOver }).toEqual({ sent: 3, isOver: false });
  for (const { resolve } of answers) resolve();
  expect(await running).toBe(1000);
});
