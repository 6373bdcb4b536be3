import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import type { DeliveryDevice } from '../message.ts';
import { aDeviceAt, broadcast, endpointsOf, leaseOne, readPage, saveDevices } from './broadcast.test-data.ts';
import { there, sentTo } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Reading the pages of a chunk. */
export function pagesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  /** A broadcast to so many devices, leased. */
  async function fanOut(count: number) {
    const devices = await saveDevices(used.store, count);
    const message = await broadcast(used.store);
    const lease = await leaseOne(used.store);
    return { devices, message, lease, page: await readPage(used.store, lease) };
  }

  describe('reading a page', () => {
    test('gives the devices of the chunk in the order of their ids, behind the last one', async () => {
      const { lease, page, devices } = await fanOut(5);
      expect(page.map(({ id }) => id)).toEqual(page.map(({ id }) => id).toSorted((a, b) => a - b));
      expect(page.map(({ endpoint }) => endpoint).toSorted()).toEqual(endpointsOf(devices));
      const read = (after: DeliveryDevice | undefined, limit: number) =>
        used.store.readPage({ chunkId: lease.id, after: there(after).id, limit });
      expect(await read(page[1], 2)).toEqual(page.slice(2, 4));
      expect(await read(page[3], 2)).toEqual(page.slice(4));
      expect(await read(page[4], 2)).toEqual([]);
    });

    test('gives all that sending takes', async () => {
      const device = aDevice({ pageOrigin: null });
      await used.store.saveDevice(device);
      await broadcast(used.store);
      const [read] = await readPage(used.store, await leaseOne(used.store));
      expect(read).toEqual(sentTo(device));
    });

    test('gives devices as they are now', async () => {
      const { lease, page, devices } = await fanOut(3);
      const [removed, renewed, kept] = page.map(({ publicId }) =>
        there(devices.find((device) => device.newPublicId === publicId)),
      );
      await used.store.removeDevice({ device: there(removed), owner: there(removed), now: NOW });
      const renewal = aDevice({ secretHash: there(renewed).secretHash });
      await used.store.saveDevice(renewal);
      expect((await readPage(used.store, lease)).map(({ endpoint }) => endpoint)).toEqual([
        renewal.endpoint,
        there(kept).endpoint,
      ]);
    });

    test('leaves out devices that moved to another push service', async () => {
      const { lease, devices } = await fanOut(2);
      const [moved, kept] = devices;
      await used.store.saveDevice(aDeviceAt('two.example', { secretHash: there(moved).secretHash }));
      expect((await readPage(used.store, lease)).map(({ endpoint }) => endpoint)).toEqual([there(kept).endpoint]);
    });

    test('of an unknown chunk gives nothing', async () => {
      expect(await used.store.readPage({ chunkId: branded(999), after: branded(0), limit: 5 })).toEqual([]);
    });
  });
}
