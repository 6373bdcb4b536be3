import { branded } from '@belfry/protocol';
import { type AttemptResult, StoreError } from '@belfry/store';
import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createResultRecorder } from './result-recorder.ts';

const result: AttemptResult = { seq: branded(1), deviceId: branded(2), now: 3, state: 'accepted', lease: 1 };

test('what a failing store did not take is recorded once it has recovered, and only then told', async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const recorded: AttemptResult[] = [];
  const taken = Promise.withResolvers<void>();
  let full = true;
  const recorder = createResultRecorder({
    store: {
      async recordResults(results) {
        if (full) throw new StoreError('store-failed', 'database or disk is full');
        recorded.push(...results);
      },
    },
    clock,
    logger: { info() {}, warn() {}, error: (message) => void log.push(message) },
    onRecorded: () => taken.resolve(),
  });
  await recorder.record(result);
  expect([recorded, log.length]).toEqual([[], 1]);
  full = false;
  clock.advance(5_000);
  await taken.promise;
  expect(recorded).toEqual([result]);
});
