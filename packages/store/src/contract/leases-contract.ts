import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { aDeviceAt, aPage, broadcast, leaseOne, queue, readPage, resultOf } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Who has what, and for how long. */
export function leasesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveAt(...hosts: readonly string[]) {
    for (const host of hosts) await used.store.saveDevice(aDeviceAt(host));
  }

  describe('giving leases back', () => {
    test('makes all that was leased due at once, under new leases', async () => {
      await saveAt('one.example');
      await broadcast(used.store);
      const chunk = await leaseOne(used.store);
      const [delivery] = await sendNow(used.store, aMessage());
      expect(await used.store.releaseLeases()).toBe(2);
      const again = await leaseOne(used.store);
      expect(again).toEqual({ ...chunk, token: expect.any(Number) });
      expect(again.token).not.toBe(chunk.token);
      const { deliveries } = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
      expect(deliveries).toEqual([{ ...delivery, lease: 2 }]);
      expect(await used.store.releaseLeases()).toBe(2);
    });

    test('leaves alone what has ended, or waits', async () => {
      await saveAt('one.example');
      await queue(used.store, { runAt: NOW + 5 });
      const [first] = await sendNow(used.store, aMessage());
      const [second] = await sendNow(used.store, aMessage());
      await used.store.recordResults([
        ended(first, { state: 'accepted' }),
        ended(second, { state: 'retrying', runAt: NOW + 50 }),
      ]);
      expect(await used.store.releaseLeases()).toBe(0);
    });
  });

  describe('a lease that was given back and taken again', () => {
    test('lets a page of the first lease change nothing', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const { id } = await broadcast(used.store);
      const stale = await leaseOne(used.store);
      const devices = await readPage(used.store, stale);
      await used.store.releaseLeases();
      const results = devices.map((one) => resultOf(one, { state: 'gone', endpoint: device.endpoint }));
      const page = aPage(stale, devices, { counts: { gone: 1 }, results });
      expect(await used.store.commitPage(page)).toBe('lost');
      const fresh = await leaseOne(used.store);
      expect(await used.store.commitPage(page)).toBe('lost');
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'fanning-out', deliveries: {} });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live' }]);
      expect(fresh.cursor).toBe(stale.cursor);
      expect(await used.store.commitPage(aPage(fresh, devices))).toBe('ended');
    });

    test('lets a result of the first lease change nothing', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [stale] = await sendNow(used.store, aMessage());
      await used.store.releaseLeases();
      const { deliveries } = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
      await used.store.recordResults([ended(stale, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live' }]);
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' })));
      await used.store.recordResults([ended(stale, { state: 'rejected' })]);
      const [delivery] = deliveries;
      expect(delivery && (await used.store.messageStatus(delivery.message.id))).toMatchObject({
        state: 'done',
        deliveries: { accepted: 1 },
      });
    });
  });

  // A lease of no time is over at once, so these tests wait for nothing.
}
