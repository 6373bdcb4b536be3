import { randomBytes } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage, toUsers } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { MessageId } from '../ids.ts';
import { broadcast, saveDevices } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import { aReceipt, aTokenReceipt, reportOf } from './receipts.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** What workers report of messages. */
export function receiptsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice(change);
    await used.store.saveDevice(device);
    return device;
  }

  async function send(): Promise<MessageId> {
    const message = aMessage();
    await sendNow(used.store, message);
    return message.id;
  }

  const receiptsOf = async (id: MessageId) => (await used.store.messageStatus(id))?.receipts;

  describe('receipts', () => {
    test('are counted by kind, across a restart, beside what became of the deliveries', async () => {
      const [first, second] = [await saveDevice(), await saveDevice()];
      const id = await send();
      expect(await receiptsOf(id)).toEqual({});
      const saved = await used.store.saveReceipts(
        reportOf(
          first,
          aReceipt(first, id),
          aReceipt(first, id, { kind: 'clicked', action: 'open' }),
          aReceipt(first, id, { kind: 'closed' }),
        ),
      );
      expect(saved).toBe(true);
      await used.store.saveReceipts(reportOf(second, aReceipt(second, id), aReceipt(second, id, { kind: 'received' })));
      await used.reopen();
      expect(await used.store.messageStatus(id)).toMatchObject({
        deliveries: { sending: 2 },
        receipts: { received: 1, shown: 2, clicked: 1, closed: 1 },
      });
    });

    test('of broadcasts are counted like any other', async () => {
      const device = await saveDevice();
      const message = await broadcast(used.store);
      await used.store.saveReceipts(reportOf(device, aTokenReceipt(device, message)));
      expect(await receiptsOf(message.id)).toEqual({ shown: 1 });
    });

    test('of several messages are saved in one call, and each message has its own', async () => {
      const device = await saveDevice();
      const ids: MessageId[] = [];
      for (let i = 0; i < 100; i++) ids.push(await send());
      await used.store.saveReceipts(reportOf(device, ...ids.map((id) => aReceipt(device, id))));
      for (const id of ids) expect(await receiptsOf(id)).toEqual({ shown: 1 });
    });

    test('that come again, in the same call or a later one, are counted once', async () => {
      const device = await saveDevice();
      const id = await send();
      const twice = reportOf(device, aReceipt(device, id), aReceipt(device, id, { at: NOW - 5 }));
      for (let i = 0; i < 2; i++) expect(await used.store.saveReceipts(twice)).toBe(true);
      expect(await receiptsOf(id)).toEqual({ shown: 1 });
    });

    test('of unknown messages are left out, and the others are kept', async () => {
      const device = await saveDevice();
      const id = await send();
      const unknown = aReceipt(device, branded('unknown'));
      expect(await used.store.saveReceipts(reportOf(device, unknown, aReceipt(device, id), unknown))).toBe(true);
      expect(await receiptsOf(id)).toEqual({ shown: 1 });
    });

    test("of a device's former user are left out, and the others are kept", async () => {
      const device = await saveDevice();
      const formerId = await send();
      const bobs = { ...anotherOf(device), userId: branded<string, 'UserId'>('bob') };
      await used.store.saveDevice(bobs);
      const moved = { ...bobs, secretHash: aHash() };
      await used.store.saveDevice(moved);
      const { id: ownId, ...own } = aMessage({ audience: toUsers('bob') });
      await sendNow(used.store, { id: ownId, ...own });
      const report = reportOf(moved, aReceipt(device, formerId), aReceipt(moved, ownId));
      expect(await used.store.saveReceipts(report)).toBe(true);
      expect(await receiptsOf(formerId)).toEqual({});
      expect(await receiptsOf(ownId)).toEqual({ shown: 1 });
    });

    test('of a device that is gone are kept, and those of one that was removed are not', async () => {
      const device = await saveDevice();
      const message = aMessage();
      const [delivery] = await sendNow(used.store, message);
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.saveReceipts(reportOf(device, aReceipt(device, message.id)))).toBe(true);
      await used.store.removeDevice({ device: { publicId: device.newPublicId }, owner: device, now: NOW });
      const clicked = aReceipt(device, message.id, { kind: 'clicked' });
      expect(await used.store.saveReceipts(reportOf(device, clicked))).toBe(false);
      expect(await receiptsOf(message.id)).toEqual({ shown: 1 });
    });

    test('are kept where the subscription is a new one: the binding is the same', async () => {
      const device = await saveDevice();
      const id = await send();
      await used.store.resubscribeDevice(aResubscription(device));
      await used.store.saveReceipts(reportOf(device, aReceipt(device, id)));
      expect(await receiptsOf(id)).toEqual({ shown: 1 });
    });

    test.each<[string, (device: SaveDevice, other: SaveDevice) => Partial<SaveDevice>]>([
      ['another secret', () => ({ secretHash: new Uint8Array(randomBytes(32)) })],
      ['the secret of another device', (_device, { secretHash }) => ({ secretHash })],
      ['an unknown id', () => ({ newPublicId: branded('unknown') })],
    ])('that come with %s are not kept', async (_what, change) => {
      const [device, other] = [await saveDevice(), await saveDevice()];
      const id = await send();
      const claim = { ...device, ...change(device, other) };
      expect(await used.store.saveReceipts(reportOf(claim, aReceipt(device, id)))).toBe(false);
      expect(await receiptsOf(id)).toEqual({});
    });

    test('go with their message, no more rows a call than the limit', async () => {
      const devices = await saveDevices(used.store, 3);
      const message = aMessage();
      const deliveries = await sendNow(used.store, message);
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' })));
      for (const device of devices) {
        const kinds = ['shown', 'clicked'] as const;
        const receipts = kinds.map((kind) => aReceipt(device, message.id, { kind }));
        await used.store.saveReceipts(reportOf(device, ...receipts));
      }
      // Ended until now, and a millisecond from now.
      const old = { steadyNow: NOW, keepEndedMs: -1, keepGoneMs: NOW, limit: 4 };
      const counts: number[] = [];
      for (let call = 0; call < 4; call++) counts.push(await used.store.purge(old));
      // Three deliveries, six receipts and their message.
      expect(counts).toEqual([4, 4, 2, 0]);
      expect(await used.store.messageStatus(message.id)).toBeUndefined();
    });
  });
}
