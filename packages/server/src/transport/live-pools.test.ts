import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LivePools } from './live-pools.ts';

const LIMIT = 4;
const UNPROVEN = 2;

/** Pools of which a test says whether they are proven, and which say whether they are live. */
function startPools(count: number) {
  const live = new Set<number>();
  const pools = new LivePools({ limit: LIMIT, unproven: UNPROVEN, mayAdmit: () => true });
  const all = Array.from({ length: count }, (_, id) => ({
    id,
    isProven: true,
    isFailing: false,
    start(): void {
      if (pools.use(this) === 'live') live.add(id);
    },
    stop: () => void live.delete(id),
  }));
  return { live, pools, all };
}

test('never more pools than the limit are live, all that want to are once others are idle', () => {
  const steps = fc.array(
    fc.record({ id: fc.nat(7), step: fc.constantFrom('use', 'idle', 'gone', 'prove', 'doubt' as const) }),
  );
  fc.assert(
    fc.property(steps, (taken) => {
      const { live, pools, all } = startPools(8);
      const wanting = new Set<number>();
      for (const { id, step } of taken) {
        const stepped = pool(all, id);
        if (step === 'prove') stepped.isProven = true;
        else if (step === 'doubt') stepped.isProven &&= wanting.has(id) && !live.has(id);
        else if (step === 'use') {
          const use = pools.use(stepped);
          if (use !== 'refused') wanting.add(id);
          if (use === 'live') live.add(id);
          if (use === 'waits' && !stepped.isProven) throw new Error('an unproven pool does not wait');
        } else {
          wanting.delete(id);
          if (step === 'gone') live.delete(id);
          pools[step](stepped);
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

/** Pool `id`, which must be there. */
function pool<Pool>(all: readonly Pool[], id: number): Pool {
  const one = all[id];
  if (one === undefined) throw new RangeError('there is such a pool');
  return one;
}

test('unproven pools have a share of the places, and are refused where it is taken; proven ones have all the others', () => {
  const { pools, all } = startPools(8);
  const use = (id: number) => pools.use(pool(all, id));
  for (const id of [0, 1, 2, 7]) pool(all, id).isProven = false;
  expect([0, 1, 2].map(use)).toEqual(['live', 'live', 'refused']);
  expect([3, 4, 5].map(use)).toEqual(['live', 'live', 'waits']);
  pools.idle(pool(all, 0));
  // The proven one that waited has the place of the idle one, and an unproven one has none.
  expect(use(2)).toBe('refused');
  expect(use(5)).toBe('live');
  // One that has answered takes no place of theirs any more.
  pool(all, 1).isProven = true;
  pools.gone(pool(all, 3));
  expect(use(7)).toBe('live');
});

test('unproven pools that fail leave half of their share to those that have not been tried', () => {
  const { pools, all } = startPools(8);
  for (const one of all) one.isProven = false;
  for (const id of [0, 1]) pool(all, id).isFailing = true;
  expect([0, 1, 2, 3].map((id) => pools.use(pool(all, id)))).toEqual(['live', 'refused', 'live', 'refused']);
});
