import { expect, test } from 'vitest';
import { createRecentKeys } from './recent-keys.ts';

test('the newest half of the keys is known, and the oldest are forgotten', () => {
  const keys = createRecentKeys({ maxKeys: 100 });
  for (let i = 0; i < 1000; i++) keys.add(`key ${i}`);
  const known = Array.from({ length: 1000 }, (_, i) => i).filter((i) => keys.has(`key ${i}`));
  expect(known).toEqual(Array.from({ length: known.length }, (_, i) => 1000 - known.length + i));
  expect(known.length).toBeGreaterThanOrEqual(50);
  expect(known.length).toBeLessThanOrEqual(100);
});

test('a key that is added again and again stays', () => {
  const keys = createRecentKeys({ maxKeys: 100 });
  for (let i = 0; i < 1000; i++) {
    if (i % 10 === 0) keys.add('ada');
    keys.add(`key ${i}`);
    expect(keys.has('ada')).toBe(true);
  }
  keys.delete('ada');
  expect(keys.has('ada')).toBe(false);
});
