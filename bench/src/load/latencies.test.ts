import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile, summarizeLatencies } from './latencies.ts';

test('a percentile is the smallest sample that this share of the samples does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
  expect(percentile([7], 0.01)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test('at most the other samples exceed a percentile, whatever they are', () => {
  const samples = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });
  fc.assert(
    fc.property(samples, fc.double({ noNaN: true, min: 0.01, max: 1 }), (values, share) => {
      const found = percentile(Float64Array.from(values).toSorted(), share);
      const notAbove = values.filter((value) => value <= found).length;
      const below = values.filter((value) => value < found).length;
      expect(notAbove).toBeGreaterThanOrEqual(share * values.length);
      expect(below).toBeLessThan(share * values.length);
    }),
  );
});

test('a summary takes samples in any order, and keeps hundredths', () => {
  expect(summarizeLatencies([30, 10.006, 20])).toEqual({ n: 3, p50Ms: 20, p99Ms: 30, maxMs: 30 });
  expect(summarizeLatencies([10.006])).toMatchObject({ p50Ms: 10.01 });
});
