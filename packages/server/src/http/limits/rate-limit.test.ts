import { expect, test } from 'vitest';
import { FakeClock } from '../../testing/fake-clock.test-data.ts';
import { createRateLimit } from './rate-limit.ts';

test('a key has so many requests in a window, whatever others do, and again in the next', () => {
  const clock = new FakeClock();
  const limit = createRateLimit({ limit: 2, windowMs: 60_000, clock });
  limit('ada');
  clock.advance(10_500);
  limit('ada');
  limit('bob');
  expect(() => limit('ada')).toThrowError(expect.objectContaining({ id: 'too-many-requests', retryAfterS: 50 }));
  clock.advance(49_500);
  expect(() => limit('ada')).not.toThrow();
});
