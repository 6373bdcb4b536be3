import { randomBytes } from 'node:crypto';
import { branded, type Endpoint } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const token = () => randomBytes(12).toString('hex');

/** The first is what the browser has; its push service serves the same subscription at the second too. */
const PAIRS: readonly (readonly [string, () => readonly [Endpoint, Endpoint]])[] = [
  ["another of FCM's paths", () => pairOf(`https://fcm.googleapis.com/fcm/send/${token()}`, '/fcm/send/', '/wp/')],
  ["FCM's other host", () => pairOf(`https://fcm.googleapis.com/wp/${token()}`, 'fcm.googleapis', 'jmt17.google')],
  ['other percent-encoding', () => pairOf(`https://a.notify.windows.com/w/?token=${token()}%2b`, '%2b', '%2B')],
];

function pairOf(endpoint: string, part: string, otherPart: string): readonly [Endpoint, Endpoint] {
  return [branded(endpoint), branded(endpoint.replace(part, otherPart))];
}

/** A push service may serve one subscription at several endpoints. Whichever is sent, it is the same subscription. */
export function spellingsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);
  const devicesOf = (user: string) => used.store.devicesOfUser(branded(user));
  const asBob = (device: SaveDevice, change: Partial<SaveDevice>): SaveDevice => ({
    ...anotherOf(device),
    userId: branded('bob'),
    ...change,
  });

  describe.each(PAIRS)('a subscription by %s', (_which, pair) => {
    async function saveAda(): Promise<{ readonly device: SaveDevice; readonly endpoint: Endpoint }> {
      const [known, endpoint] = pair();
      const device = aDevice({ endpoint: known });
      await used.store.saveDevice(device);
      return { device, endpoint };
    }

    async function makeGone({ endpoint }: SaveDevice): Promise<void> {
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint })]);
    }

    test('that another user has is refused, and changes nothing', async () => {
      const { device, endpoint } = await saveAda();
      const before = await devicesOf('ada');
      for (const secretHash of [aHash(), null]) {
        const taken = asBob(device, { endpoint, secretHash });
        expect(await used.store.saveDevice(taken)).toEqual({ outcome: 'endpoint-conflict' });
      }
      expect(await devicesOf('bob')).toEqual([]);
      expect(await devicesOf('ada')).toEqual(before);
    });

    test('that another user has moves with its keys and its secret', async () => {
      const { device, endpoint } = await saveAda();
      expect(await used.store.saveDevice(asBob(device, { endpoint }))).toMatchObject({
        outcome: 'moved',
        isRefused: true,
        renewSecret: true,
      });
      expect(await devicesOf('ada')).toEqual([]);
      expect(await devicesOf('bob')).toMatchObject([{ endpoint }]);
    });

    test('is unsubscribed by its user, and by nobody else', async () => {
      const { device, endpoint } = await saveAda();
      const remove = (userId: string) =>
        used.store.removeDevice({ device: { endpoint }, owner: { userId: branded(userId) }, now: NOW });
      expect(await remove('bob')).toMatchObject({ live: 0 });
      expect(await devicesOf('ada')).toHaveLength(1);
      expect(await remove(device.userId)).toMatchObject({ live: 1 });
      expect(await devicesOf('ada')).toEqual([]);
    });

    test('is not taken by a device that proves itself', async () => {
      const { device, endpoint } = await saveAda();
      const bobs = aDevice({ userId: branded('bob') });
      await used.store.saveDevice(bobs);
      const { p256dh, auth } = device;
      const taken = aResubscription(bobs, { endpoint, p256dh, auth });
      expect(await used.store.resubscribeDevice(taken)).toEqual({ outcome: 'endpoint-conflict' });
      expect(await devicesOf('bob')).toMatchObject([{ endpoint: bobs.endpoint }]);
    });

    test('of the same user is the same device', async () => {
      const { device, endpoint } = await saveAda();
      for (const secretHash of [aHash(), null]) {
        expect(await used.store.saveDevice({ ...anotherOf(device), endpoint, secretHash })).toMatchObject({
          outcome: 'updated',
          publicId: device.newPublicId,
          isRefused: false,
        });
      }
      expect(await devicesOf('ada')).toMatchObject([{ endpoint, vapidPublicKey: device.vapidPublicKey }]);
    });

    test('has to be renewed where it was gone, also where another user had it', async () => {
      const { device, endpoint } = await saveAda();
      await makeGone(device);
      expect(await used.store.saveDevice(asBob(device, { endpoint, secretHash: aHash() }))).toMatchObject({
        outcome: 'created',
        isRefused: true,
      });
      const own = await saveAda();
      await makeGone(own.device);
      const again = { ...anotherOf(own.device), endpoint: own.endpoint, secretHash: aHash() };
      expect(await used.store.saveDevice(again)).toMatchObject({
        outcome: 'updated',
        publicId: own.device.newPublicId,
        isRefused: true,
      });
    });

    test('still has to be renewed after it moved', async () => {
      const { device, endpoint } = await saveAda();
      await used.store.saveDevice(asBob(device, {}));
      const again = asBob(device, { endpoint, secretHash: aHash() });
      expect(await used.store.saveDevice(again)).toMatchObject({ outcome: 'updated', isRefused: true });
    });

    test('that two users save at once becomes one device', async () => {
      for (let round = 0; round < 20; round++) {
        const [one, other] = pair();
        const device = aDevice({ endpoint: one });
        const outcomes = await Promise.all([
          used.store.saveDevice(device),
          used.store.saveDevice(asBob(device, { endpoint: other, secretHash: aHash(), now: NOW + 1 })),
        ]);
        expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['created', 'endpoint-conflict']);
      }
    });
  });
}
