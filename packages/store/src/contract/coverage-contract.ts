import { branded } from '@belfry/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import type { ChunkLease } from '../chunk.ts';
import { aDeviceAt, aPage, broadcast, endpointsOf, leaseAll, readPage, sendAll } from './broadcast.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const DEVICES = 300;
const RUNS = 12;

type Step =
  | { readonly kind: 'lease'; readonly limit: number; readonly exceptFirst: boolean }
  | { readonly kind: 'page'; readonly lease: number; readonly limit: number; readonly isReleased: boolean }
  | { readonly kind: 'release-all' | 'pause' | 'resume' };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('lease'), limit: fc.integer({ min: 1, max: 4 }), exceptFirst: fc.boolean() }),
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('page'),
      lease: fc.nat(9),
      limit: fc.integer({ min: 1, max: 40 }),
      isReleased: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constantFrom('release-all', 'pause', 'resume') }),
);

/** Whatever is leased, sent, given back, paused and resumed, in whatever order. */
export function coverageContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  test('every device of a broadcast is covered by committed pages, exactly once', async () => {
    const devices = Array.from({ length: DEVICES }, (_, i) =>
      aDeviceAt(`${i % 3}.example`, { timeZone: i % 2 === 0 ? 'Europe/Rome' : null }),
    );
    await Promise.all(devices.map((device) => used.store.saveDevice(device)));
    const zones = [
      { timeZone: 'Europe/Rome', runAt: NOW },
      { timeZone: null, runAt: NOW },
    ];
    const walks = fc.array(STEP, { minLength: 10, maxLength: 60 });
    const property = fc.asyncProperty(walks, fc.boolean(), async (steps, hasZones) => {
      const message = await broadcast(used.store, {}, hasZones ? zones : null);
      const covered: string[] = [];
      // Stale ones too: what they commit must not count.
      const leases: ChunkLease[] = [];
      const cursors = new Map<ChunkLease, ChunkLease['cursor']>();
      for (const step of steps) await take(step);
      await used.store.releaseLeases();
      await used.store.changeMessage({ id: message.id, change: 'resume', now: NOW });
      covered.push(...(await sendAll(used.store)));
      expect(covered.toSorted()).toEqual(endpointsOf(devices));
      expect(await used.store.messageStatus(message.id)).toMatchObject({
        state: 'done',
        deliveries: { accepted: DEVICES },
      });

      async function take(step: Step): Promise<void> {
        switch (step.kind) {
          case 'lease': {
            const exceptOrigins = step.exceptFirst ? [branded<string, 'PushServiceOrigin'>('https://0.example')] : [];
            leases.push(...(await leaseAll(used.store, { limit: step.limit, exceptOrigins })));
            return;
          }
          case 'page': {
            const lease = leases[step.lease % Math.max(leases.length, 1)];
            if (lease !== undefined) await sendPage(lease, step);
            return;
          }
          case 'release-all':
            await used.store.releaseLeases();
            return;
          case 'pause':
          case 'resume':
            await used.store.changeMessage({ id: message.id, change: step.kind, now: NOW });
        }
      }

      async function sendPage(lease: ChunkLease, { limit, isReleased }: Extract<Step, { kind: 'page' }>) {
        const cursor = cursors.get(lease) ?? lease.cursor;
        const page = await readPage(used.store, { ...lease, cursor }, limit);
        const isLast = page.length < limit;
        const outcome = await used.store.commitPage(
          aPage({ ...lease, cursor }, page, { isLast, ...(isReleased && { leaseMs: null }) }),
        );
        if (outcome === 'lost') return;
        covered.push(...page.map(({ endpoint }) => endpoint));
        cursors.set(lease, page.at(-1)?.id ?? cursor);
      }
    });
    await fc.assert(property, { numRuns: RUNS });
  }, 60_000);
}
