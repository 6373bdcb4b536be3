import { branded, generateVapidKeys } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import { aPage, broadcast, leaseOne, readPage, resultOf } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Devices that have to subscribe again, since their push service refuses the key that they subscribed with. */
export function keyMismatchContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function markedAt(userId: SaveDevice['userId'] = branded('ada')) {
    const [device] = await used.store.devicesOfUser(userId);
    return device?.refusedAt;
  }

  async function refuse(now: number): Promise<void> {
    const deliveries = await sendNow(used.store, aMessage());
    await used.store.recordResults(
      deliveries.map((delivery) => ended(delivery, { state: 'key-mismatch', endpoint: delivery.device.endpoint }, now)),
    );
  }

  test('a delivery marks its device, with the first time, and the device stays in the audience', async () => {
    await used.store.saveDevice(aDevice());
    await refuse(NOW + 1);
    await refuse(NOW + 2);
    expect(await markedAt()).toBe(NOW + 1);
    expect(await used.store.devicesOfUser(branded('ada'))).toMatchObject([{ state: 'live' }]);
  });

  test('a page marks its device', async () => {
    await used.store.saveDevice(aDevice());
    await broadcast(used.store);
    const lease = await leaseOne(used.store);
    const page = await readPage(used.store, lease);
    const results = page.map((device) => resultOf(device, { state: 'key-mismatch', endpoint: device.endpoint }));
    await used.store.commitPage(aPage(lease, page, { now: NOW + 3, counts: { 'key-mismatch': 1 }, results }));
    expect(await markedAt()).toBe(NOW + 3);
  });

  test.each<[string, (device: SaveDevice) => SaveDevice]>([
    ['a new subscription', ({ secretHash, vapidPublicKey }) => aDevice({ secretHash, vapidPublicKey })],
    ['another key', (device) => ({ ...anotherOf(device), vapidPublicKey: generateVapidKeys().publicKey })],
  ])('%s clears the mark', async (_what, change) => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await refuse(NOW);
    await used.store.saveDevice(change(device));
    expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ refusedAt: null }]);
  });

  test('the same subscription saved again, by whomever, keeps the mark', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await refuse(NOW);
    await used.store.saveDevice({ ...anotherOf(device), vapidPublicKey: null });
    expect(await markedAt()).toBe(NOW);
    await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
    expect(await markedAt(branded('bob'))).toBe(NOW);
  });
}
