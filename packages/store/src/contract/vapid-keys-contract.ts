import { generateVapidKeys } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** The keys that the store keeps. */
export function vapidKeysContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('VAPID keys', () => {
    test('are made once, however many ask at the same time, and kept', async () => {
      const candidates = Array.from({ length: 5 }, generateVapidKeys);
      const kept = await Promise.all(
        candidates.map((candidate) => used.store.ensureVapidKeys({ candidate, now: NOW })),
      );
      expect(new Set(kept.map((keys) => keys.privateKey)).size).toBe(1);
      await used.reopen();
      expect(await used.store.vapidKeys()).toEqual([kept[0]]);
    });

    test('that are added are the newest from then on, and adding them again changes nothing', async () => {
      const [first, second] = [generateVapidKeys(), generateVapidKeys()];
      await used.store.ensureVapidKeys({ candidate: first, now: NOW });
      await used.store.addVapidKeys({ keys: second, now: NOW });
      await used.store.addVapidKeys({ keys: first, now: NOW + 1 });
      expect(await used.store.vapidKeys()).toEqual([second, first]);
      const candidate = generateVapidKeys();
      expect(await used.store.ensureVapidKeys({ candidate, now: NOW })).toEqual(second);
    });

    test('in use are those of live devices', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      expect(await used.store.vapidKeysInUse()).toEqual([device.vapidPublicKey]);
      await used.store.removeDevice({ device: { endpoint: device.endpoint }, owner: device, now: NOW });
      expect(await used.store.vapidKeysInUse()).toEqual([]);
    });
  });
}
