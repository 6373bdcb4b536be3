import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage, toCondition, topic } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome, EnqueueMessage } from '../message.ts';
import { aPage, broadcast, leaseOne, readPage, resultOf, sendAll } from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import { aReceipt, reportOf } from './receipts.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Since when a device has reported nothing of what was accepted. */
export function silenceContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(): Promise<SaveDevice> {
    const device = aDevice();
    await used.store.saveDevice(device);
    return device;
  }

  async function send(now: number, outcome: AttemptOutcome = { state: 'accepted' }): Promise<EnqueueMessage> {
    const message = aMessage();
    const deliveries = await sendNow(used.store, message);
    await used.store.recordResults(deliveries.map((delivery) => ended(delivery, outcome, now)));
    return message;
  }

  async function silentSince(user = 'ada') {
    const devices = await used.store.devicesOfUser(branded(user));
    return there(devices[0]).silentSince;
  }

  describe('a device is silent', () => {
    test('since the first message that was accepted', async () => {
      await saveDevice();
      expect(await silentSince()).toBeNull();
      await send(NOW + 1);
      await send(NOW + 2);
      await used.reopen();
      expect(await silentSince()).toBe(NOW + 1);
    });

    test('since the earlier of two that are recorded together', async () => {
      await saveDevice();
      const [first] = await sendNow(used.store, aMessage());
      const [second] = await sendNow(used.store, aMessage());
      await used.store.recordResults([
        ended(first, { state: 'accepted' }, NOW + 1),
        ended(second, { state: 'accepted' }, NOW + 2),
      ]);
      expect(await silentSince()).toBe(NOW + 1);
    });

    test('not by what was not accepted', async () => {
      const { endpoint } = await saveDevice();
      await send(NOW, { state: 'retrying', runAt: NOW });
      await send(NOW, { state: 'rejected', endpoint });
      await send(NOW, { state: 'expired' });
      expect(await silentSince()).toBeNull();
    });

    test('by a message to a topic with few devices, and not by a broadcast', async () => {
      const { newPublicId: publicId } = await saveDevice();
      await broadcast(used.store);
      expect(await sendAll(used.store)).toHaveLength(1);
      await broadcast(used.store);
      const lease = await leaseOne(used.store);
      const page = await readPage(used.store, lease);
      const retrying = resultOf(page[0], { state: 'retrying', runAt: NOW });
      await used.store.commitPage(aPage(lease, page, { counts: {}, results: [retrying] }));
      expect(await sendAll(used.store)).toHaveLength(1);
      expect(await silentSince()).toBeNull();
      await used.store.joinTopic({ topic: branded('news'), member: { publicId }, now: NOW });
      await broadcast(used.store, { audience: toCondition(topic('news')) });
      expect(await sendAll(used.store, NOW + 3)).toHaveLength(1);
      expect(await silentSince()).toBe(NOW + 3);
    });

    test('not by a message whose receipt was here before the news that it was accepted', async () => {
      const device = await saveDevice();
      const message = aMessage();
      const [delivery] = await sendNow(used.store, message);
      await used.store.saveReceipts(reportOf(device, aReceipt(device, message.id)));
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      expect(await silentSince()).toBeNull();
    });
  });

  describe('a device is silent no more', () => {
    test('after a receipt of a message of its own, and not of one that nobody knows', async () => {
      const device = await saveDevice();
      const { id } = await send(NOW);
      await used.store.saveReceipts(reportOf(device, aReceipt(device, id)));
      expect(await silentSince()).toBeNull();
      await send(NOW + 1);
      await used.store.saveReceipts(reportOf(device, aReceipt(device, branded('purged'))));
      expect(await silentSince()).toBe(NOW + 1);
    });

    test("but for a receipt of its former user's, or a call without any", async () => {
      const device = await saveDevice();
      const { id } = await send(NOW);
      const foreign = aReceipt(device, id, { binding: branded('another') });
      for (const report of [reportOf(device), reportOf(device, foreign)]) {
        expect(await used.store.saveReceipts(report)).toBe(true);
        expect(await silentSince()).toBe(NOW);
      }
    });

    test('with another subscription, and not with the same', async () => {
      const device = await saveDevice();
      await send(NOW);
      await used.store.saveDevice(anotherOf(device));
      const { endpoint, p256dh, auth } = device;
      await used.store.resubscribeDevice(aResubscription(device, { endpoint, p256dh, auth }));
      expect(await silentSince()).toBe(NOW);
      await used.store.saveDevice(aDevice({ secretHash: device.secretHash }));
      expect(await silentSince()).toBeNull();
      await send(NOW);
      await used.store.resubscribeDevice(aResubscription(device));
      expect(await silentSince()).toBeNull();
    });

    test('when it changes hands', async () => {
      const device = await saveDevice();
      await send(NOW);
      await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
      expect(await silentSince('bob')).toBeNull();
    });
  });
}
