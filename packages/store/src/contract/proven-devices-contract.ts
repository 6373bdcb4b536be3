import { branded, generateVapidKeys } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome } from '../message.ts';
import { aPage, broadcast, leaseOne, readPage, resultOf } from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Devices whose subscription a push service has accepted a message for. */
export function provenDevicesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function send(outcome: (device: { readonly endpoint: SaveDevice['endpoint'] }) => AttemptOutcome) {
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, outcome(there(delivery).device))]);
  }

  const accept = () => send(({ endpoint }) => ({ state: 'accepted', endpoint }));

  /** As deliveries, due deliveries and pages say. */
  async function isProven() {
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: 0 })]);
    const { deliveries } = await used.store.takeDue({ now: 1, limit: 1, leaseMs: 60_000 });
    await broadcast(used.store);
    const page = await readPage(used.store, await leaseOne(used.store));
    const all = new Set([delivery, ...deliveries].map((one) => there(one).device.isProven));
    for (const device of page) all.add(device.isProven);
    expect(all.size).toBe(1);
    return all.has(true);
  }

  test('a new device is not proven, and is once a message was accepted', async () => {
    await used.store.saveDevice(aDevice());
    expect(await isProven()).toBe(false);
    await accept();
    expect(await isProven()).toBe(true);
  });

  test('other answers prove nothing, nor does an acceptance that does not say where', async () => {
    await used.store.saveDevice(aDevice());
    await send(({ endpoint }) => ({ state: 'rejected', endpoint }));
    await send(({ endpoint }) => ({ state: 'key-mismatch', endpoint }));
    await send(() => ({ state: 'accepted' }));
    expect(await isProven()).toBe(false);
  });

  test('a page proves the devices that it names', async () => {
    await used.store.saveDevice(aDevice());
    await broadcast(used.store);
    const lease = await leaseOne(used.store);
    const page = await readPage(used.store, lease);
    const results = page.map((device) => resultOf(device, { state: 'accepted', endpoint: device.endpoint }));
    await used.store.commitPage(aPage(lease, page, { counts: { accepted: 1 }, results, isLast: true }));
    expect(await isProven()).toBe(true);
  });

  test('an acceptance of the endpoint that a device had before proves nothing', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.resubscribeDevice(aResubscription(device));
    await used.store.recordResults([ended(delivery, { state: 'accepted', endpoint: device.endpoint })]);
    expect(await isProven()).toBe(false);
  });

  test.each<[string, boolean, (device: SaveDevice) => SaveDevice]>([
    ['the same subscription saved again', true, (device) => ({ ...anotherOf(device), vapidPublicKey: null })],
    ['another endpoint', false, ({ secretHash }) => aDevice({ secretHash })],
    ['another p256dh', false, (device) => ({ ...anotherOf(device), p256dh: aDevice().p256dh })],
    ['another auth', false, (device) => ({ ...anotherOf(device), auth: aDevice().auth })],
    ['another VAPID key', false, (device) => ({ ...anotherOf(device), vapidPublicKey: generateVapidKeys().publicKey })],
  ])('after %s a device is proven: %s', async (_what, stays, change) => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await accept();
    await used.store.saveDevice(change(device));
    expect(await isProven()).toBe(stays);
  });

  test('a device that was gone has to be proven again', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await accept();
    await send(({ endpoint }) => ({ state: 'gone', endpoint }));
    await used.store.saveDevice(anotherOf(device));
    expect(await isProven()).toBe(false);
  });

  test('devices say whose they are', async () => {
    await used.store.saveDevice(aDevice());
    await used.store.saveDevice(aDevice());
    await used.store.saveDevice(aDevice({ userId: branded('bob') }));
    await broadcast(used.store);
    const page = await readPage(used.store, await leaseOne(used.store));
    const [first, second, third] = page.map(({ userId }) => userId);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
}
