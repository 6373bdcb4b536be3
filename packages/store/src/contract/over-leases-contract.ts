import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { aDeviceAt, aPage, broadcast, leaseAll, leaseOne, readPage, saveDevices } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** What happens where a lease is over before its process has ended its work. */
export function overLeasesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveAt(...hosts: readonly string[]) {
    for (const host of hosts) await used.store.saveDevice(aDeviceAt(host));
  }

  describe('a lease that is over', () => {
    test('lets the chunk be taken again, and a page of the first lease change nothing', async () => {
      await saveAt('one.example');
      const { id } = await broadcast(used.store);
      const stale = await leaseOne(used.store, { leaseMs: 0 });
      const fresh = await leaseOne(used.store);
      expect(fresh).toEqual({ ...stale, token: expect.any(Number) });
      const devices = await readPage(used.store, stale);
      expect(await used.store.commitPage(aPage(stale, devices))).toBe('lost');
      expect(await used.store.commitPage(aPage(fresh, devices))).toBe('ended');
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: 1 } });
    });

    test('still counts for a page, where nobody took the chunk', async () => {
      await saveAt('one.example');
      await broadcast(used.store);
      const lease = await leaseOne(used.store, { leaseMs: 0 });
      expect(await used.store.commitPage(aPage(lease, await readPage(used.store, lease)))).toBe('ended');
    });

    test('is renewed by a page', async () => {
      await saveDevices(used.store, 2);
      await broadcast(used.store);
      const lease = await leaseOne(used.store, { leaseMs: 0 });
      const page = aPage(lease, await readPage(used.store, lease, 1), { isLast: false });
      expect(await used.store.commitPage(page)).toBe('continues');
      expect(await leaseAll(used.store)).toEqual([]);
      expect(await used.store.commitPage({ ...page, leaseMs: 0 })).toBe('continues');
      expect(await leaseAll(used.store)).toHaveLength(1);
    });

    test('lets the delivery be taken again, and a result of the first lease change nothing', async () => {
      await saveAt('one.example');
      const message = aMessage({ leaseMs: 0 });
      const [stale] = await sendNow(used.store, message);
      const { deliveries } = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
      expect(deliveries).toEqual([{ ...stale, lease: 2 }]);
      await used.store.recordResults([ended(stale, { state: 'rejected' })]);
      expect(await used.store.messageStatus(message.id)).toMatchObject({ deliveries: { sending: 1 } });
    });

    test('lets a message with a limit go on', async () => {
      await saveAt('one.example', 'two.example');
      await broadcast(used.store, { devicesPerSecond: 1 });
      expect(await leaseAll(used.store, { leaseMs: 0 })).toHaveLength(2);
      expect(await leaseAll(used.store)).toHaveLength(2);
      expect(await leaseAll(used.store)).toEqual([]);
    });
  });
}
