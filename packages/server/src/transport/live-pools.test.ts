import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LivePools } from './live-pools.ts';

const LIMIT = 3;

test('never more pools than the limit are live, all that want to are once others are idle', () => {
  const steps = fc.array(fc.record({ pool: fc.nat(6), step: fc.constantFrom('use', 'idle', 'gone' as const) }));
  fc.assert(
    fc.property(steps, (taken) => {
      const pools = new LivePools(LIMIT);
      const live = new Set<number>();
      const wanting = new Set<number>();
      const all = Array.from({ length: 7 }, (_, id) => ({
        start: () => void live.add(id),
        stop: () => void live.delete(id),
      }));
      for (const { pool: id, step } of taken) {
        const pool = all[id];
        if (pool === undefined) continue;
        if (step === 'use') {
          wanting.add(id);
          if (pools.use(pool)) live.add(id);
        } else {
          wanting.delete(id);
          if (step === 'gone') live.delete(id);
          pools[step](pool);
        }
        expect(live.size).toBeLessThanOrEqual(LIMIT);
        const isWaiting = [...wanting].some((one) => !live.has(one));
        const isIdle = [...live].some((one) => !wanting.has(one));
        // Nobody waits while a place is taken by one that does nothing.
        expect(isWaiting && isIdle).toBe(false);
      }
    }),
  );
});
