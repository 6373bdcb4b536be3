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

test('the results of one message are in one call at a time, and few calls are under way', async () => {
  const calls: { readonly results: readonly AttemptResult[]; end(): void }[] = [];
  const recorder = createResultRecorder({
    store: {
      recordResults(results) {
        const { promise, resolve } = Promise.withResolvers<void>();
        calls.push({ results, end: resolve });
        return promise;
      },
    },
    clock: new FakeClock(),
    logger: { info() {}, warn() {}, error() {} },
    onRecorded() {},
  });
  const recorded: Promise<void>[] = [];
  const recordMany = (seq: number, count: number): void => {
    for (let device = 0; device < count; device++) {
      recorded.push(recorder.record({ ...result, seq: branded(seq), deviceId: branded(device) }));
    }
  };
  const made = () => calls.map(({ results }) => results.map(({ seq }) => Number(seq)));
  recordMany(1, 300);
  for (let seq = 2; seq <= 6; seq++) recordMany(seq, 1);
  expect(made()).toEqual([[1], [2], [3], [4]]);

  calls[1]?.end();
  await recorded[300];
  // The first message is in a call still, so its other results wait.
  expect(made()).toEqual([[1], [2], [3], [4], [5, 6]]);
  calls[0]?.end();
  await recorded[0];
  expect(made().slice(5)).toEqual([Array.from({ length: 200 }, () => 1)]);
  calls.forEach(({ end }) => end());
  await recorded[1];
  expect(made().slice(6)).toEqual([Array.from({ length: 99 }, () => 1)]);
  calls.forEach(({ end }) => end());
  await Promise.all(recorded);
});
