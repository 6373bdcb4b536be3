import { randomBytes } from 'node:crypto';
import { branded, generateVapidKeys } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome } from '../message.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Saving and removing devices. */
export function devicesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('saving a device', () => {
    test('keeps all that is known of it, across a restart', async () => {
      const device = aDevice({ expirationTime: NOW + 5, sessionId: branded('session-1') });
      const saved = await used.store.saveDevice(device);
      expect(saved).toEqual({
        outcome: 'created',
        publicId: device.newPublicId,
        binding: device.newBinding,
        vapidPublicKey: device.vapidPublicKey,
        isRefused: false,
        renewSecret: false,
        endedBindings: [],
      });
      await used.reopen();
      const { newPublicId, newBinding, newestVapidKey, now, secretHash, ...known } = device;
      expect(await used.store.devicesOfUser(device.userId)).toEqual([
        {
          ...known,
          id: expect.any(Number),
          publicId: newPublicId,
          binding: newBinding,
          state: 'live',
          refusedAt: null,
          silentSince: null,
        },
      ]);
    });

    test('twice makes one device with the same id and binding, and keeps what the second call did not say', async () => {
      const device = aDevice({ timeZone: 'Europe/Rome' });
      const first = await used.store.saveDevice(device);
      const second = await used.store.saveDevice({ ...anotherOf(device), timeZone: null, lang: 'it' });
      expect(second).toEqual({ ...first, outcome: 'updated' });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ timeZone: 'Europe/Rome', lang: 'it' }]);
    });

    test('keeps the VAPID key of an unchanged subscription where the caller does not say it', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      expect(await used.store.saveDevice({ ...anotherOf(device), vapidPublicKey: null })).toMatchObject({
        vapidPublicKey: device.vapidPublicKey,
      });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ vapidPublicKey: device.vapidPublicKey }]);
      const renewed = aDevice({ secretHash: device.secretHash, vapidPublicKey: null });
      expect(await used.store.saveDevice(renewed)).toMatchObject({ vapidPublicKey: renewed.newestVapidKey });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ vapidPublicKey: renewed.newestVapidKey }]);
    });

    test('many at once gives each a device of its own', async () => {
      const outcomes = await Promise.all(Array.from({ length: 300 }, () => used.store.saveDevice(aDevice())));
      expect(new Set(outcomes.map((saved) => 'publicId' in saved && saved.publicId)).size).toBe(300);
      expect(await used.store.devicesOfUser(branded('ada'))).toHaveLength(300);
    });

    test('finds the device again by its secret when the browser made a new subscription', async () => {
      const device = aDevice();
      const first = await used.store.saveDevice(device);
      const renewed = aDevice({ secretHash: device.secretHash });
      const { vapidPublicKey } = renewed;
      expect(await used.store.saveDevice(renewed)).toEqual({ ...first, outcome: 'updated', vapidPublicKey });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([
        { endpoint: renewed.endpoint, state: 'live' },
      ]);
    });

    test('under the same secret but another worker scope makes another device', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const other = aDevice({ secretHash: device.secretHash, workerScope: 'https://app.example.com/admin/' });
      expect(await used.store.saveDevice(other)).toMatchObject({ outcome: 'created' });
    });

    test("of another user with the subscription's own keys and secret moves it, under a new id and binding", async () => {
      const device = aDevice();
      const first = await used.store.saveDevice(device);
      const moved = { ...anotherOf(device), userId: branded<string, 'UserId'>('bob') };
      const { newPublicId: publicId, newBinding: binding } = moved;
      expect(await used.store.saveDevice(moved)).toEqual({
        ...first,
        outcome: 'moved',
        publicId,
        binding,
        isRefused: true,
        renewSecret: true,
        endedBindings: [device.newBinding],
      });
      expect(await used.store.devicesOfUser(device.userId)).toEqual([]);
      expect(await used.store.devicesOfUser(moved.userId)).toMatchObject([{ endpoint: device.endpoint }]);
    });

    test('with a new endpoint and a new secret at once finds it by its public id, for its own user only', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const { newPublicId: publicId } = device;
      const renewed = (userId: string) => aDevice({ userId: branded(userId), publicId });
      expect(await used.store.saveDevice(renewed('eve'))).toMatchObject({ outcome: 'created' });
      const own = renewed('ada');
      expect(await used.store.saveDevice(own)).toMatchObject({ outcome: 'updated', publicId, renewSecret: false });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ publicId, endpoint: own.endpoint }]);
      expect(await used.store.proveDevice(proofOf({ ...own, newPublicId: publicId }))).toBe(own.userId);
      expect(await used.store.proveDevice(proofOf(device))).toBeUndefined();
    });

    test('finds it by endpoint or secret before any public id that the caller says', async () => {
      const [one, other] = [aDevice(), aDevice()];
      await used.store.saveDevice(one);
      await used.store.saveDevice(other);
      const renewed = aDevice({ secretHash: one.secretHash, publicId: other.newPublicId });
      expect(await used.store.saveDevice(renewed)).toMatchObject({ outcome: 'updated', publicId: one.newPublicId });
      const again = { ...anotherOf(other), publicId: one.newPublicId };
      expect(await used.store.saveDevice(again)).toMatchObject({ outcome: 'updated', publicId: other.newPublicId });
    });

    test('of another user with other keys is refused, and changes nothing', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const before = await used.store.devicesOfUser(device.userId);
      const thief = aDevice({ endpoint: device.endpoint, userId: branded('eve') });
      expect(await used.store.saveDevice(thief)).toEqual({ outcome: 'endpoint-conflict' });
      const halfRight = { ...thief, p256dh: device.p256dh };
      expect(await used.store.saveDevice(halfRight)).toEqual({ outcome: 'endpoint-conflict' });
      const withSecret = { ...thief, secretHash: device.secretHash };
      expect(await used.store.saveDevice(withSecret)).toEqual({ outcome: 'endpoint-conflict' });
      expect(await used.store.devicesOfUser(device.userId)).toEqual(before);
      expect(await used.store.devicesOfUser(thief.userId)).toEqual([]);
      expect(await used.store.proveDevice(proofOf(device))).toBe(device.userId);
    });

    test.each<[string, (own: Uint8Array | null, others: Uint8Array | null) => Uint8Array | null]>([
      ['a fresh secret', aHash],
      ['no secret', () => null],
      ['the secret of a device of their own', (own) => own],
      ['the secret of another device of the user', (_own, others) => others],
    ])('of another user with its keys and %s is refused, and changes nothing', async (_which, secretOf) => {
      const [device, other, thiefs] = [aDevice(), aDevice(), aDevice({ userId: branded('eve') })];
      for (const saved of [device, other, thiefs]) await used.store.saveDevice(saved);
      const devices = async () => [
        await used.store.devicesOfUser(device.userId),
        await used.store.devicesOfUser(thiefs.userId),
      ];
      const before = await devices();
      const secretHash = secretOf(thiefs.secretHash, other.secretHash);
      const taken = { ...anotherOf(device), userId: thiefs.userId, secretHash };
      expect(await used.store.saveDevice(taken)).toEqual({ outcome: 'endpoint-conflict' });
      expect(await devices()).toEqual(before);
      for (const saved of [device, other, thiefs]) {
        expect(await used.store.proveDevice(proofOf(saved))).toBe(saved.userId);
      }
    });

    test('of another user is refused where the device has no secret, whatever the caller sends', async () => {
      const device = aDevice({ secretHash: null });
      await used.store.saveDevice(device);
      const before = await used.store.devicesOfUser(device.userId);
      for (const secretHash of [null, aHash()]) {
        const taken = { ...anotherOf(device), userId: branded<string, 'UserId'>('eve'), secretHash };
        expect(await used.store.saveDevice(taken)).toEqual({ outcome: 'endpoint-conflict' });
      }
      expect(await used.store.devicesOfUser(device.userId)).toEqual(before);
      expect(await used.store.devicesOfUser(branded('eve'))).toEqual([]);
    });
  });

  describe('saving again', () => {
    async function saveAfter(
      outcome: (device: SaveDevice) => AttemptOutcome,
      again: (device: SaveDevice) => SaveDevice,
    ) {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, outcome(device))]);
      return await used.store.saveDevice(again(device));
    }
    const gone = ({ endpoint }: SaveDevice): AttemptOutcome => ({ state: 'gone', endpoint });
    const keyMismatch = ({ endpoint }: SaveDevice): AttemptOutcome => ({ state: 'key-mismatch', endpoint });
    const withNewKey = (device: SaveDevice): SaveDevice => ({
      ...anotherOf(device),
      vapidPublicKey: generateVapidKeys().publicKey,
    });
    const withNewKeys = (device: SaveDevice): SaveDevice =>
      aDevice({ endpoint: device.endpoint, vapidPublicKey: device.vapidPublicKey });
    const withNewSubscription = ({ secretHash, vapidPublicKey }: SaveDevice): SaveDevice =>
      aDevice({ secretHash, vapidPublicKey });
    const accepted = (): AttemptOutcome => ({ state: 'accepted' });
    const ofAnotherUser = (device: SaveDevice): SaveDevice => ({ ...anotherOf(device), userId: branded('bob') });

    test.each([
      ['the endpoint that was gone', gone, anotherOf],
      ['the endpoint that was gone, under another VAPID key', gone, withNewKey],
      ['the VAPID key that was refused', keyMismatch, anotherOf],
      ['the VAPID key that was refused, for another user', keyMismatch, ofAnotherUser],
      ['the endpoint of another user, who may have noted it', accepted, ofAnotherUser],
      ['the endpoint that was gone, for another user', gone, ofAnotherUser],
    ])('%s is said to be refused', async (_what, outcome, again) => {
      expect(await saveAfter(outcome, again)).toMatchObject({ isRefused: true });
    });

    test.each([
      ['a new subscription in place of one that was gone', gone, withNewSubscription],
      ['a new endpoint for the VAPID key that was refused', keyMismatch, withNewSubscription],
      ['another VAPID key than the one that was refused', keyMismatch, withNewKey],
      ['new encryption keys for the VAPID key that was refused', keyMismatch, withNewKeys],
    ])('%s is not said to be refused', async (_what, outcome, again) => {
      expect(await saveAfter(outcome, again)).toMatchObject({ outcome: 'updated', isRefused: false });
    });

    test('the endpoint that was gone is said to be refused until another takes its place', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, gone(device))]);
      // Whoever was told so may have closed the page before it subscribed again.
      for (let i = 0; i < 2; i++) {
        expect(await used.store.saveDevice(anotherOf(device))).toMatchObject({ isRefused: true });
      }
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live', refusedAt: NOW }]);
      const renewed = aDevice({ secretHash: device.secretHash });
      expect(await used.store.saveDevice(renewed)).toMatchObject({ outcome: 'updated', isRefused: false });
      expect(await used.store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live', refusedAt: null }]);
    });
  });

  test('a device that moved has to be renewed until another endpoint takes its place', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const moved = { ...anotherOf(device), userId: branded<string, 'UserId'>('bob') };
    expect(await used.store.saveDevice(moved)).toMatchObject({ outcome: 'moved', isRefused: true });
    await used.reopen();
    const again = { ...anotherOf(moved), secretHash: aHash() };
    expect(await used.store.saveDevice(again)).toMatchObject({ outcome: 'updated', isRefused: true });
    const renewed = aDevice({ userId: branded('bob'), secretHash: again.secretHash });
    expect(await used.store.saveDevice(renewed)).toMatchObject({ outcome: 'updated', isRefused: false });
    expect(await used.store.devicesOfUser(branded('bob'))).toMatchObject([{ endpoint: renewed.endpoint }]);
    // The former user has what is dead.
    expect(await used.store.saveDevice({ ...anotherOf(device), secretHash: aHash() })).toMatchObject({
      outcome: 'created',
    });
    expect(await used.store.devicesOfUser(branded('bob'))).toMatchObject([{ endpoint: renewed.endpoint }]);
  });

  describe('removing a device', () => {
    test('forgets it, by endpoint or public id, for its owner or whoever has its secret', async () => {
      for (const by of ['endpoint', 'publicId'] as const) {
        for (const as of ['user', 'secret'] as const) {
          const device = aDevice();
          await used.store.saveDevice(device);
          const removed = await used.store.removeDevice({
            device: by === 'endpoint' ? { endpoint: device.endpoint } : { publicId: device.newPublicId },
            owner: as === 'user' ? { userId: device.userId } : { secretHash: device.secretHash ?? randomBytes(32) },
            now: NOW,
          });
          expect(removed).toEqual({ endedBindings: [device.newBinding], live: 1 });
          expect(await used.store.devicesOfUser(device.userId)).toEqual([]);
        }
      }
    });

    test('of somebody else does nothing', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      for (const owner of [{ userId: branded<string, 'UserId'>('eve') }, { secretHash: randomBytes(32) }]) {
        expect(await used.store.removeDevice({ device: { endpoint: device.endpoint }, owner, now: NOW })).toEqual({
          endedBindings: [],
          live: 0,
        });
      }
      expect(await used.store.devicesOfUser(device.userId)).toHaveLength(1);
    });

    test('drops what was on its way to it', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.removeDevice({ device: { endpoint: device.endpoint }, owner: device, now: NOW });
      expect(await used.store.messageStatus(there(delivery).message.id)).toMatchObject({
        state: 'done',
        deliveries: { dropped: 1 },
      });
    });
  });
}
