import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import {
  aDeviceAt,
  broadcast,
  endpointsOf,
  leaseAll,
  queue,
  saveDevices,
  sendAll,
  toPlan,
} from './broadcast.test-data.ts';
import { sendNow, there, sentTo } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** From enqueued to planned: whose devices, when, and until when. */
export function planningContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('a message to a small audience', () => {
    test('goes to the devices of several users, each once, known or not', async () => {
      const devices = [aDevice(), aDevice({ userId: branded('bob') }), aDevice({ userId: branded('eve') })];
      for (const device of devices) await used.store.saveDevice(device);
      const deliveries = await sendNow(used.store, aMessage({ audience: toUsers('bob', 'nobody', 'ada', 'bob') }));
      const sent = deliveries.map(({ device }) => device.endpoint);
      expect(sent.toSorted()).toEqual(endpointsOf(devices.slice(0, 2)));
    });

    test('goes to one device', async () => {
      const [device] = await saveDevices(used.store, 2);
      const publicId = there(device).newPublicId;
      const deliveries = await sendNow(used.store, aMessage({ audience: { kind: 'device', publicId } }));
      expect(deliveries.map((delivery) => delivery.device.publicId)).toEqual([publicId]);
      const nobody = aMessage({ audience: { kind: 'device', publicId: branded('nobody') } });
      expect(await sendNow(used.store, nobody)).toEqual([]);
    });

    test('has all that sending takes', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const message = aMessage({ ttlMs: 500, expiresAt: NOW + 400 });
      expect(await sendNow(used.store, message)).toEqual([
        {
          message: {
            id: message.id,
            seq: expect.any(Number),
            content: message.content,
            receiptKey: message.receiptKey,
          },
          device: sentTo(device),
          attempts: 0,
          expiresAt: NOW + 400,
          lease: 1,
        },
      ]);
    });

    test('of a later time waits, and is due when it is planned', async () => {
      const [device] = await saveDevices(used.store, 1);
      const message = await queue(used.store, { audience: toUsers('ada'), runAt: NOW + 500 });
      expect(await used.store.messageStatus(message.id)).toMatchObject({ state: 'scheduled', runAt: NOW + 500 });
      expect(await used.store.messagesToPlan({ now: NOW + 499, limit: 9 })).toEqual({
        messages: [],
        nextAt: NOW + 500,
      });
      const { messages, nextAt } = await used.store.messagesToPlan({ now: NOW + 500, limit: 9 });
      expect([messages, nextAt]).toEqual([
        [{ seq: expect.any(Number), content: message.content, runAt: NOW + 500 }],
        null,
      ]);
      const plan = { seq: there(messages[0]).seq, now: NOW + 510, zones: null };
      expect(await used.store.planMessage(plan)).toBe(true);
      expect(await used.store.messageStatus(message.id)).toMatchObject({
        state: 'fanning-out',
        deliveries: { retrying: 1 },
      });
      const { deliveries } = await used.store.takeDue({ now: NOW + 510, limit: 9, leaseMs: MINUTE_MS });
      expect(deliveries).toMatchObject([
        { attempts: 0, lease: 1, expiresAt: NOW + 500 + MINUTE_MS, device: { endpoint: there(device).endpoint } },
      ]);
    });
  });

  describe('what waits to be planned', () => {
    test('comes oldest first, and what the limit left is next', async () => {
      for (const runAt of [NOW - 1, NOW, NOW - 2]) await queue(used.store, { runAt, content: `${runAt}` });
      await queue(used.store, { runAt: NOW + 5 });
      const all = await used.store.messagesToPlan({ now: NOW, limit: 9 });
      expect([all.messages.map(({ runAt }) => runAt), all.nextAt]).toEqual([[NOW - 1, NOW, NOW - 2], NOW + 5]);
      const { messages, nextAt } = await used.store.messagesToPlan({ now: NOW, limit: 2 });
      expect([messages.length, nextAt]).toEqual([2, NOW - 2]);
    });

    test('is planned once, however many do it at the same time', async () => {
      await saveDevices(used.store, 3);
      const message = await queue(used.store);
      const { seq } = there((await toPlan(used.store))[0]);
      const planned = await Promise.all(
        Array.from({ length: 4 }, () => used.store.planMessage({ seq, now: NOW, zones: null })),
      );
      expect(planned.filter(Boolean)).toHaveLength(1);
      expect(await toPlan(used.store)).toEqual([]);
      await sendAll(used.store);
      expect(await used.store.messageStatus(message.id)).toMatchObject({ deliveries: { accepted: 3 } });
      expect(await used.store.planMessage({ seq, now: NOW, zones: null })).toBe(false);
    });
  });

  describe('the audience of a broadcast', () => {
    test('is every live device of every push service that was there when it was enqueued', async () => {
      const present = [aDeviceAt('one.example'), aDeviceAt('two.example'), aDeviceAt('one.example')];
      for (const device of present) await used.store.saveDevice(device);
      const message = await queue(used.store);
      await used.store.saveDevice(aDeviceAt('one.example'));
      await used.store.saveDevice(aDeviceAt('three.example'));
      const { seq } = there((await toPlan(used.store))[0]);
      await used.store.planMessage({ seq, now: NOW, zones: null });
      expect(await sendAll(used.store)).toEqual(endpointsOf(present));
      expect(await used.store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { accepted: 3 } });
    });

    test('of a small one to come too', async () => {
      const before = await saveDevices(used.store, 2);
      await queue(used.store, { audience: toUsers('ada'), runAt: NOW + 1 });
      await saveDevices(used.store, 1);
      const { seq } = there((await toPlan(used.store, NOW + 1))[0]);
      await used.store.planMessage({ seq, now: NOW + 1, zones: null });
      expect(await sendAll(used.store, NOW + 1)).toEqual(endpointsOf(before));
    });

    test('of nobody is done when it is planned', async () => {
      const { id } = await broadcast(used.store);
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'done', deliveries: {} });
      expect(await leaseAll(used.store)).toEqual([]);
    });
  });
}
