import { expect, test } from 'vitest';
import { measureSizes, SIZE_LIMITS } from './measure-sizes.ts';

test('page and worker each download no more than their limit', async () => {
  const sizes = await measureSizes();
  expect(sizes.client).toBeLessThanOrEqual(SIZE_LIMITS.client ?? 0);
  expect(sizes.worker).toBeLessThanOrEqual(SIZE_LIMITS.worker ?? 0);
});
