import { expect, test } from 'vitest';
import { sendInFlight } from './send-in-flight.ts';

test('so many wait for their answer at any time, and no more', async () => {
  let [waiting, most] = [0, 0];
  const sequences: number[] = [];
  const send = async (sequence: number): Promise<void> => {
    sequences.push(sequence);
    most = Math.max(most, ++waiting);
    await Promise.resolve();
    waiting -= 1;
  };
  const sent = await sendInFlight(send, { inFlight: 3, count: 10, durationMs: 1, now: () => 0 });
  expect({ sent, most, waiting }).toEqual({ sent: 10, most: 3, waiting: 0 });
  expect(sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('it ends after its time, with the answers to what was sent', async () => {
  let now = 0;
  let answered = 0;
  const send = async (): Promise<void> => {
    now += 10;
    await Promise.resolve();
    answered += 1;
  };
  const sent = await sendInFlight(send, { inFlight: 2, count: 1000, durationMs: 35, now: () => now });
  expect({ sent, answered }).toEqual({ sent: 4, answered: 4 });
});
