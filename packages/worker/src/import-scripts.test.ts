import { expect, test } from 'vitest';
import * as belfry from './index.ts';

test('a classic worker finds in the global belfry what a module imports', async () => {
  await import('./import-scripts.ts');
  expect(Reflect.get(globalThis, 'belfry')).toBe(belfry);
});
