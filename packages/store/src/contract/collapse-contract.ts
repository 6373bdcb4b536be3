import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import type { EnqueueMessage } from '../message.ts';
import { aPage, broadcast, leaseOne, queue, readPage, saveDevices, resultOf, toPlan } from './broadcast.test-data.ts';
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

  describe('an older message that comes up after a newer one was accepted, as where the clock was set back', () => {
    async function accept(message: EnqueueMessage) {
      const deliveries = await sendNow(used.store, message);
      await used.store.recordResults(deliveries.map((one) => ended(one, { state: 'accepted' })));
    }
    const score = (change: Partial<EnqueueMessage> = {}) => aMessage({ collapseKey: 'score', ...change });
    const due = async (now = NOW + 5) => (await used.store.takeDue({ now, limit: 9, leaseMs: MINUTE_MS })).deliveries;

    test('is dropped where it was being sent meanwhile', async () => {
      await saveDevices(used.store, 1);
      const older = score();
      const [delivery] = await sendNow(used.store, older);
      await accept(score({ now: NOW - 3_600_000, runAt: NOW - 3_600_000 }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5 })]);
      expect(await due()).toEqual([]);
      expect(await statusOf(older)).toEqual(['done', { dropped: 1 }]);
    });

    test('is dropped where it was being sent meanwhile, however many others had newer ones with its key', async () => {
      await saveDevices(used.store, 1);
      await saveDevices(used.store, 1, { userId: branded('bob') });
      const older = score();
      const [delivery] = await sendNow(used.store, older);
      await accept(score());
      for (let i = 0; i < 105; i++) await accept(score({ audience: toUsers('bob') }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5 })]);
      expect(await due()).toEqual([]);
      expect(await statusOf(older)).toEqual(['done', { dropped: 1 }]);
    });

    test('is counted as accepted where the push service took it after all', async () => {
      await saveDevices(used.store, 1);
      const older = score();
      const [delivery] = await sendNow(used.store, older);
      await accept(score());
      expect(await statusOf(older)).toEqual(['done', { dropped: 1 }]);
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      expect(await statusOf(older)).toEqual(['done', { accepted: 1 }]);
    });

    test('is dropped where a page of it was being sent meanwhile', async () => {
      await saveDevices(used.store, 1);
      await saveDevices(used.store, 1, { userId: branded('bob') });
      const older = await broadcast(used.store, { collapseKey: 'score' });
      const lease = await leaseOne(used.store);
      const page = await readPage(used.store, lease);
      await accept(score());
      const results = page.map((device) => resultOf(device, { state: 'retrying', runAt: NOW + 5 }));
      await used.store.commitPage(aPage(lease, page, { results, counts: {}, isLast: true }));
      for (let i = 0; i < 105; i++) await accept(score({ audience: toUsers('carol', 'bob') }));
      expect(await due()).toEqual([]);
      expect(await statusOf(older)).toEqual(['done', { dropped: 2 }]);
    });

    test('is dropped where it was planned later, for the devices that had the newer one', async () => {
      await saveDevices(used.store, 2);
      const older = await queue(used.store, { ...score(), runAt: NOW + 5 });
      const [delivery] = await sendNow(used.store, score());
      const endpoint = there(delivery).device.endpoint;
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      const { seq } = there((await toPlan(used.store, NOW + 5))[0]);
      await used.store.planMessage({ seq, now: NOW + 5, zones: null });
      const taken = (await due()).filter(({ message }) => message.id === older.id);
      expect(taken.map(({ device }) => device.endpoint)).not.toContain(endpoint);
      expect(taken).toHaveLength(1);
    });

    test('is left out of the pages that a broadcast has still to come to', async () => {
      await saveDevices(used.store, 3);
      await broadcast(used.store, { collapseKey: 'score' });
      const lease = await leaseOne(used.store);
      const [delivery] = await sendNow(used.store, score());
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      const left = (await readPage(used.store, lease)).map(({ id }) => id);
      expect(left).toHaveLength(2);
      expect(left).not.toContain(there(delivery).device.id);
    });

    test('is left out for the devices that had a newer broadcast to the same audience', async () => {
      await saveDevices(used.store, 3);
      await broadcast(used.store, { collapseKey: 'score' });
      const older = await leaseOne(used.store);
      await broadcast(used.store, { collapseKey: 'score' });
      const newer = await leaseOne(used.store);
      const page = await readPage(used.store, newer, 2);
      const results = page.map((device) => resultOf(device, { state: 'accepted' }));
      await used.store.commitPage(aPage(newer, page, { isLast: false, results }));
      const left = (await readPage(used.store, older)).map(({ id }) => id);
      expect(left).toHaveLength(1);
      expect(page.map(({ id }) => id)).not.toContain(left[0]);
    });

    test('is tried again where it was scheduled for later on purpose, and the newer one is accepted meanwhile', async () => {
      await saveDevices(used.store, 1);
      const later = NOW + 10 * MINUTE_MS;
      const scheduled = await queue(used.store, { ...score({ ttlMs: 60 * MINUTE_MS }), runAt: later });
      const [made] = await sendNow(used.store, score());
      const { seq } = there((await toPlan(used.store, later)).at(-1));
      await used.store.planMessage({ seq, now: later, zones: null });
      const [inFlight] = (await due(later)).filter(({ message }) => message.id === scheduled.id);
      await used.store.recordResults([ended(made, { state: 'accepted' })]);
      await used.store.recordResults([ended(inFlight, { state: 'retrying', runAt: later + 5_000 })]);
      expect((await due(later + 5_000)).map(({ message }) => message.id)).toEqual([scheduled.id]);
    });

    test('is sent where it was scheduled for later on purpose, unless the newer one was made after its time', async () => {
      await saveDevices(used.store, 1);
      const later = NOW + 10 * MINUTE_MS;
      for (const [madeAt, count] of [
        [NOW, 1],
        [later, 0],
      ] as const) {
        const older = await queue(used.store, { ...score({ ttlMs: 60 * MINUTE_MS }), runAt: later });
        await accept(score({ now: madeAt, runAt: madeAt }));
        const { seq } = there((await toPlan(used.store, later)).at(-1));
        await used.store.planMessage({ seq, now: later, zones: null });
        expect((await due(later)).filter(({ message }) => message.id === older.id)).toHaveLength(count);
      }
    });
  });
}
