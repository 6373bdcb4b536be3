import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, toCondition, topic, toUsers } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { EnqueueMessage } from '../message.ts';
import { broadcast } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import { aReceipt, aTokenReceipt, reportOf } from './receipts.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const EVE = branded<string, 'UserId'>('eve');

/** A device reports only what was addressed to it. */
export function addressedReceiptsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice(change);
    await used.store.saveDevice(device);
    return device;
  }

  const receiptsOf = async (message: EnqueueMessage) => (await used.store.messageStatus(message.id))?.receipts;

  /** All that a device could try for a message of another: without a token, with one made up, with the other device's. */
  async function tryAll(eve: SaveDevice, message: EnqueueMessage, other: SaveDevice): Promise<void> {
    const { token } = aTokenReceipt(other, message);
    for (const claimed of [null, '', 'A'.repeat(16), token]) {
      const receipt = aReceipt(eve, message.id, { token: claimed, kind: 'clicked' });
      expect(await used.store.saveReceipts(reportOf(eve, receipt))).toBe(true);
    }
  }

  describe('nothing is counted', () => {
    test('of a message of another user, and the device stays silent', async () => {
      const [eve, ada] = [await saveDevice({ userId: EVE }), await saveDevice()];
      const [own] = await sendNow(used.store, aMessage({ audience: toUsers('eve') }));
      await used.store.recordResults([ended(own, { state: 'accepted' })]);
      expect(await used.store.devicesOfUser(EVE)).toMatchObject([{ silentSince: NOW }]);
      const message = aMessage();
      await sendNow(used.store, message);
      await tryAll(eve, message, ada);
      expect(await receiptsOf(message)).toEqual({});
      expect(await used.store.devicesOfUser(EVE)).toMatchObject([{ silentSince: NOW }]);
    });

    test('of a broadcast to a topic that the device never joined', async () => {
      const [eve, ada] = [await saveDevice({ userId: EVE }), await saveDevice()];
      await used.store.joinTopic({ topic: branded('news'), member: { userId: ada.userId }, now: NOW });
      const message = await broadcast(used.store, { audience: toCondition(topic('news')) });
      await tryAll(eve, message, ada);
      expect(await receiptsOf(message)).toEqual({});
      await used.store.saveReceipts(reportOf(ada, aTokenReceipt(ada, message)));
      expect(await receiptsOf(message)).toEqual({ shown: 1 });
    });

    test('of the own message with a token that is not its own', async () => {
      const device = await saveDevice();
      const [message, other] = [aMessage(), aMessage()];
      for (const each of [message, other]) await sendNow(used.store, each);
      const { token } = aTokenReceipt(device, other);
      await used.store.saveReceipts(reportOf(device, aReceipt(device, message.id, { token })));
      expect(await receiptsOf(message)).toEqual({});
    });
  });

  test('the token does for a message that left no delivery behind, across a restart, and ends silence', async () => {
    const device = await saveDevice();
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
    const message = await broadcast(used.store);
    await used.reopen();
    await used.store.saveReceipts(reportOf(device, aTokenReceipt(device, message)));
    expect(await receiptsOf(message)).toEqual({ shown: 1 });
    expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ silentSince: null }]);
  });

  test('a worker that knows of no token reports what has a delivery for its device', async () => {
    const device = await saveDevice();
    const message = aMessage();
    await sendNow(used.store, message);
    await used.store.saveReceipts(reportOf(device, aReceipt(device, message.id)));
    expect(await receiptsOf(message)).toEqual({ shown: 1 });
  });
}
