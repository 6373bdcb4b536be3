import { randomBytes } from 'node:crypto';
import { branded, generateVapidKeys } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import type { ResubscribeDevice, SaveDevice } from '../device.ts';
import type { AttemptOutcome } from '../message.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** New subscriptions of devices that prove themselves. */
export function resubscribeContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice(change);
    await used.store.saveDevice(device);
    return device;
  }

  async function send(outcome: AttemptOutcome, now = NOW): Promise<void> {
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, outcome, now)]);
  }

  async function saveGone(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = await saveDevice(change);
    await send({ state: 'gone', endpoint: device.endpoint });
    return device;
  }

  const devicesOf = (user = 'ada') => used.store.devicesOfUser(branded(user));

  /** The same subscription again. */
  const same = (device: SaveDevice, change: Partial<ResubscribeDevice> = {}) => {
    const { endpoint, p256dh, auth } = device;
    return aResubscription(device, { endpoint, p256dh, auth, ...change });
  };

  describe('a device that proves itself', () => {
    test.each([
      ['live', saveDevice],
      ['gone', saveGone],
    ])('has the new subscription, and all else as it was, where it was %s', async (_state, save) => {
      const device = await save({ sessionId: branded('session'), timeZone: 'Europe/Rome', lang: 'it' });
      const [before] = await devicesOf();
      const request = aResubscription(device, { expirationTime: NOW + 9 });
      expect(await used.store.resubscribeDevice(request)).toEqual({
        outcome: 'updated',
        publicId: device.newPublicId,
        binding: device.newBinding,
        vapidPublicKey: request.newestVapidKey,
        isRefused: false,
        endedBindings: [],
      });
      const { endpoint, p256dh, auth, expirationTime, newestVapidKey: vapidPublicKey } = request;
      const subscription = { endpoint, p256dh, auth, expirationTime, vapidPublicKey, state: 'live' };
      expect(await devicesOf()).toEqual([{ ...before, ...subscription }]);
    });

    test('is sent to at the new endpoint, what waited for it too, and stays in its topics', async () => {
      const device = await saveDevice();
      const member = { publicId: device.newPublicId };
      await used.store.joinTopic({ topic: branded('news'), member, now: NOW });
      await send({ state: 'retrying', runAt: NOW });
      await send({ state: 'gone', endpoint: device.endpoint });
      const { endpoint, ...request } = aResubscription(device);
      await used.store.resubscribeDevice({ ...request, endpoint });
      const { deliveries } = await used.store.takeDue({ now: NOW, limit: 10, leaseMs: MINUTE_MS });
      expect(deliveries).toMatchObject([{ device: { endpoint, binding: device.newBinding } }]);
      expect(await sendNow(used.store, aMessage())).toMatchObject([{ device: { endpoint } }]);
      expect(await used.store.topicsOf(member)).toEqual(['news']);
    });

    test('has the key that it says, else keeps that of an unchanged subscription, else has the newest', async () => {
      const device = await saveDevice();
      const { publicKey } = generateVapidKeys();
      const keys = [same(device), same(device, { vapidPublicKey: publicKey }), same(device), aResubscription(device)];
      const saved: unknown[] = [];
      for (const request of keys) {
        const outcome = await used.store.resubscribeDevice(request);
        saved.push('vapidPublicKey' in outcome && outcome.vapidPublicKey);
      }
      expect(saved).toEqual([device.vapidPublicKey, publicKey, publicKey, keys.at(-1)?.newestVapidKey]);
      expect(await devicesOf()).toMatchObject([{ vapidPublicKey: keys.at(-1)?.newestVapidKey }]);
    });

    test('is refused where its endpoint was gone, and not with another', async () => {
      expect(await used.store.resubscribeDevice(same(await saveGone()))).toMatchObject({ isRefused: true });
      expect(await used.store.resubscribeDevice(aResubscription(await saveGone()))).toMatchObject({ isRefused: false });
    });

    test('is refused while its push service refuses its key', async () => {
      const device = await saveDevice();
      await send({ state: 'key-mismatch', endpoint: device.endpoint });
      expect(await used.store.resubscribeDevice(same(device))).toMatchObject({ isRefused: true });
      expect(await devicesOf()).toMatchObject([{ refusedAt: NOW }]);
      const renewed = same(device, { vapidPublicKey: generateVapidKeys().publicKey });
      expect(await used.store.resubscribeDevice(renewed)).toMatchObject({ isRefused: false });
      expect(await devicesOf()).toMatchObject([{ refusedAt: null }]);
    });

    test('has no failures any more with a new endpoint, and keeps them with the same', async () => {
      const HOUR_MS = 3_600_000;
      const device = await saveDevice();
      const reject = async ({ endpoint }: Pick<SaveDevice, 'endpoint'>, hours: number) => {
        await used.setClock(NOW + hours * HOUR_MS);
        await send({ state: 'rejected', endpoint }, NOW + hours * HOUR_MS);
        return there((await devicesOf())[0]).state;
      };
      for (const hours of [0, 1]) await reject(device, hours);
      await used.store.resubscribeDevice(same(device));
      expect(await reject(device, 30)).toBe('gone');
      await used.store.resubscribeDevice(same(device));
      for (const hours of [40, 41]) await reject(device, hours);
      const renewed = aResubscription(device);
      await used.store.resubscribeDevice(renewed);
      for (const hours of [80, 110]) expect(await reject(renewed, hours)).toBe('live');
    });
  });

  describe('nothing changes', () => {
    test.each<[string, (device: SaveDevice, other: SaveDevice) => Partial<ResubscribeDevice>]>([
      ['with another secret', () => ({ secretHash: new Uint8Array(randomBytes(32)) })],
      [
        'with the secret of another device',
        (_device, { secretHash }) => ({ secretHash: there(secretHash ?? undefined) }),
      ],
      ['for an unknown id', () => ({ publicId: branded('unknown') })],
    ])('%s', async (_what, change) => {
      const [device, other] = [await saveDevice(), await saveDevice()];
      const before = await devicesOf();
      const request = aResubscription(device, change(device, other));
      expect(await used.store.resubscribeDevice(request)).toEqual({ outcome: 'unknown-device' });
      expect(await devicesOf()).toEqual(before);
    });

    test("with a former user's secret, after the device was moved", async () => {
      const device = await saveDevice();
      await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
      expect(await used.store.resubscribeDevice(aResubscription(device))).toEqual({ outcome: 'unknown-device' });
      expect(await devicesOf('bob')).toMatchObject([{ endpoint: device.endpoint }]);
    });

    test.each<[string, Partial<SaveDevice>]>([
      ['has', {}],
      ['without a secret has', { secretHash: null }],
      ["of another user's has", { userId: branded('bob') }],
    ])('where another live device %s the endpoint, even with its keys', async (_what, change) => {
      const [device, other] = [await saveDevice(), await saveDevice(change)];
      const { endpoint, p256dh, auth } = other;
      const before = [await devicesOf(), await devicesOf('bob')];
      const request = aResubscription(device, { endpoint, p256dh, auth });
      expect(await used.store.resubscribeDevice(request)).toEqual({ outcome: 'endpoint-conflict' });
      expect([await devicesOf(), await devicesOf('bob')]).toEqual(before);
    });

    test('but the endpoint of one that is gone can be had', async () => {
      const gone = await saveGone();
      const device = await saveDevice({ userId: branded('bob') });
      const { endpoint } = gone;
      expect(await used.store.resubscribeDevice(aResubscription(device, { endpoint }))).toMatchObject({
        outcome: 'updated',
        isRefused: false,
      });
    });
  });

  describe('a browser with two devices for one scope', () => {
    /** The second was saved without the secret at first, so it was not known to be the same browser. */
    async function saveTwins(change: Partial<SaveDevice> = {}) {
      const device = await saveGone();
      const twin = await saveDevice({ secretHash: null, ...change });
      await used.store.saveDevice({ ...anotherOf(twin), secretHash: device.secretHash });
      expect(await devicesOf()).toMatchObject([{ state: 'gone' }, { state: 'live' }]);
      return { device, twin };
    }

    test('keeps the one that subscribes again; what was on its way to the other is dropped', async () => {
      const { device, twin } = await saveTwins();
      const message = aMessage();
      await sendNow(used.store, message);
      const request = aResubscription(device);
      expect(await used.store.resubscribeDevice(request)).toMatchObject({
        outcome: 'updated',
        endedBindings: [twin.newBinding],
      });
      const { publicId, endpoint } = request;
      expect(await devicesOf()).toMatchObject([{ publicId, endpoint, state: 'live' }]);
      expect(await used.store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { dropped: 1 } });
    });

    test('keeps it with the endpoint that the other had', async () => {
      const { device, twin } = await saveTwins();
      const { endpoint, p256dh, auth } = twin;
      const request = aResubscription(device, { endpoint, p256dh, auth });
      expect(await used.store.resubscribeDevice(request)).toMatchObject({ outcome: 'updated' });
      expect(await devicesOf()).toMatchObject([{ publicId: device.newPublicId, endpoint, state: 'live' }]);
    });

    test('keeps both where their scopes are not the same', async () => {
      const { device } = await saveTwins({ workerScope: 'https://app.example.com/admin/' });
      expect(await used.store.resubscribeDevice(aResubscription(device))).toMatchObject({ outcome: 'updated' });
      expect(await devicesOf()).toMatchObject([{ state: 'live' }, { state: 'live' }]);
    });
  });
}
