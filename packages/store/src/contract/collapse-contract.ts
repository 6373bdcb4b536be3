import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import type { EnqueueMessage } from '../message.ts';
import { aPage, broadcast, leaseOne, readPage, saveDevices, resultOf } from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** A newer message takes the place of what waits of an older one with the same collapse key, device by device. */
export function collapseContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  /** A message of which each delivery is to be tried again. */
  async function aRetriedMessage(change: Partial<EnqueueMessage> = {}) {
    const message = aMessage({ collapseKey: 'score', ...change });
    const deliveries = await sendNow(used.store, message);
    await used.store.recordResults(
      deliveries.map((delivery) => ended(delivery, { state: 'retrying', runAt: NOW + 5 })),
    );
    return message;
  }

  async function statusOf({ id }: EnqueueMessage) {
    const { state, deliveries } = there(await used.store.messageStatus(id));
    return [state, deliveries];
  }

  describe('a newer message that was accepted', () => {
    test('drops what waits of older ones with its key, for that device', async () => {
      await saveDevices(used.store, 2);
      const older = await aRetriedMessage();
      const other = await aRetriedMessage({ collapseKey: 'weather' });
      const without = await aRetriedMessage({ collapseKey: null });
      const [first, second] = await sendNow(used.store, aMessage({ collapseKey: 'score' }));
      await used.store.recordResults([ended(first, { state: 'accepted' }), ended(second, { state: 'rejected' })]);
      expect(await statusOf(older)).toEqual(['fanning-out', { dropped: 1, retrying: 1 }]);
      expect(await statusOf(other)).toEqual(['fanning-out', { retrying: 2 }]);
      expect(await statusOf(without)).toEqual(['fanning-out', { retrying: 2 }]);
      const { deliveries } = await used.store.takeDue({ now: NOW + 5, limit: 9, leaseMs: MINUTE_MS });
      expect(deliveries.filter(({ message }) => message.id === older.id).map(({ device }) => device.id)).toEqual([
        there(second).device.id,
      ]);
    });

    test('ends an older one of which nothing else is left', async () => {
      await saveDevices(used.store, 1);
      const older = await aRetriedMessage();
      const [delivery] = await sendNow(used.store, aMessage({ collapseKey: 'score' }));
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      expect(await statusOf(older)).toEqual(['done', { dropped: 1 }]);
    });

    test('in a page drops it for the devices that the page lists', async () => {
      await saveDevices(used.store, 2);
      const older = await aRetriedMessage();
      await broadcast(used.store, { collapseKey: 'score' });
      const lease = await leaseOne(used.store);
      const page = await readPage(used.store, lease);
      const results = [resultOf(page[0], { state: 'accepted' })];
      await used.store.commitPage(aPage(lease, page, { results }));
      expect(await statusOf(older)).toEqual(['fanning-out', { dropped: 1, retrying: 1 }]);
    });
  });

  test('an older message that was accepted drops nothing of a newer one', async () => {
    await saveDevices(used.store, 1);
    const [older] = await sendNow(used.store, aMessage({ collapseKey: 'score' }));
    const newer = await aRetriedMessage();
    await used.store.recordResults([ended(older, { state: 'accepted' })]);
    expect(await statusOf(newer)).toEqual(['fanning-out', { retrying: 1 }]);
  });

  test('messages without a key drop nothing of each other', async () => {
    await saveDevices(used.store, 1);
    const older = await aRetriedMessage({ collapseKey: null });
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
    expect(await statusOf(older)).toEqual(['fanning-out', { retrying: 1 }]);
  });
}
