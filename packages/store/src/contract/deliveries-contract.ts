import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Messages to a small audience, and what comes of each delivery. */
export function deliveriesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function send(message = aMessage()) {
    return await sendNow(used.store, message);
  }

  function takeDue(now = NOW, limit = 10) {
    return used.store.takeDue({ now, limit, leaseMs: MINUTE_MS });
  }

  describe('a message', () => {
    test('has a delivery for each live device of its user, and for nobody else', async () => {
      const devices = [aDevice(), aDevice(), aDevice({ userId: branded('bob') })];
      for (const device of devices) await used.store.saveDevice(device);
      const deliveries = await send(aMessage({ content: '{"title":"Hello"}' }));
      expect(deliveries.map(({ device }) => device.endpoint)).toEqual([devices[0]?.endpoint, devices[1]?.endpoint]);
      expect(deliveries[0]).toMatchObject({ attempts: 0, lease: 1, expiresAt: NOW + MINUTE_MS });
      expect(deliveries[0]?.message.content).toBe('{"title":"Hello"}');
    });

    test('to a user without devices is done at once', async () => {
      const message = aMessage({ audience: toUsers('nobody') });
      expect(await send(message)).toEqual([]);
      const { id } = message;
      expect(await used.store.messageStatus(id)).toEqual({
        id,
        state: 'done',
        createdAt: NOW,
        runAt: NOW,
        deliveries: {},
        receipts: {},
      });
      expect(await used.store.messageStatus(branded('another'))).toBeUndefined();
    });

    test('has a higher number than every message before it', async () => {
      await used.store.saveDevice(aDevice());
      const seqs: number[] = [];
      for (let i = 0; i < 5; i++) seqs.push((await send())[0]?.message.seq ?? 0);
      await used.reopen();
      seqs.push((await send())[0]?.message.seq ?? 0);
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    });

    test('is done when its last delivery has ended', async () => {
      await used.store.saveDevice(aDevice());
      await used.store.saveDevice(aDevice());
      const [first, second] = await send();
      await used.store.recordResults([ended(first, { state: 'accepted' })]);
      expect(await used.store.messageStatus(there(first).message.id)).toMatchObject({
        state: 'fanning-out',
        deliveries: { accepted: 1, sending: 1 },
      });
      await used.store.recordResults([ended(second, { state: 'rejected' })]);
      expect(await used.store.messageStatus(there(first).message.id)).toMatchObject({
        state: 'done',
        deliveries: { accepted: 1, rejected: 1 },
      });
    });
  });

  describe('a delivery', () => {
    test('that waits for another attempt is taken once, when its time has come', async () => {
      await used.store.saveDevice(aDevice());
      const [delivery] = await send();
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 500 })]);
      expect(await takeDue(NOW + 499)).toEqual({ deliveries: [], nextDueAt: NOW + 500 });
      const due = await takeDue(NOW + 500);
      expect(due).toEqual({ deliveries: [{ ...delivery, attempts: 1, lease: 2 }], nextDueAt: null });
      expect(await takeDue(NOW + 501)).toEqual({ deliveries: [], nextDueAt: null });
    });

    test('that was held back has not lost an attempt', async () => {
      await used.store.saveDevice(aDevice());
      const [delivery] = await send();
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW, isHeld: true })]);
      expect(await takeDue()).toEqual({ deliveries: [{ ...delivery, lease: 2 }], nextDueAt: null });
    });

    test('is taken with no more than the limit at a time', async () => {
      for (let i = 0; i < 3; i++) await used.store.saveDevice(aDevice());
      const deliveries = await send();
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'retrying', runAt: NOW })));
      const { deliveries: taken, nextDueAt } = await takeDue(NOW, 2);
      expect([taken.length, nextDueAt]).toEqual([2, NOW]);
    });

    test('is dropped where the device changed hands meanwhile', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await send();
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW })]);
      await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
      expect((await takeDue()).deliveries).toEqual([]);
      expect(await used.store.messageStatus(there(delivery).message.id)).toMatchObject({
        state: 'done',
        deliveries: { dropped: 1 },
      });
    });

    test.each<[string, (device: SaveDevice) => Promise<unknown>]>([
      [
        'was removed',
        (device) => used.store.removeDevice({ device: { publicId: device.newPublicId }, owner: device, now: NOW }),
      ],
      ['signed out', () => used.store.endSession({ sessionId: branded('session'), now: NOW })],
      ['changed hands', (device) => used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') })],
    ])('whose device %s is accepted where the push service had taken it, else dropped', async (_what, leave) => {
      const devices = [aDevice({ sessionId: branded('session') }), aDevice({ sessionId: branded('session') })];
      for (const device of devices) await used.store.saveDevice(device);
      const message = aMessage();
      const [taken, lost] = await sendNow(used.store, message);
      for (const device of devices) await leave(device);
      expect(await used.store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { dropped: 2 } });
      const results = [ended(taken, { state: 'accepted' }), ended(lost, { state: 'retrying', runAt: NOW })];
      for (let i = 0; i < 2; i++) await used.store.recordResults(results);
      const { state, deliveries } = there(await used.store.messageStatus(message.id));
      expect([state, deliveries]).toEqual(['done', { accepted: 1, dropped: 1 }]);
      expect(await used.store.releaseLeases()).toBe(0);
      for (const device of await used.store.devicesOfUser(branded('bob'))) expect(device.silentSince).toBeNull();
    });

    test('that comes back gone takes its device out of the audience', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await send();
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'gone' }]);
      expect(await send()).toEqual([]);
    });

    test('that comes back gone from an endpoint left behind does not harm the new one', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await send();
      await used.store.saveDevice(aDevice({ secretHash: device.secretHash }));
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live' }]);
    });

    test('that comes back gone is live again once its user saves it again, with the same id', async () => {
      const device = aDevice();
      const first = await used.store.saveDevice(device);
      const [delivery] = await send();
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.saveDevice(anotherOf(device))).toEqual({
        ...first,
        outcome: 'updated',
        isRefused: true,
      });
      expect(await send()).toHaveLength(1);
    });
  });
}
