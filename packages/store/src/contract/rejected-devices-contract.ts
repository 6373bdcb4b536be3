import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome } from '../message.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** When a device is given up. */
export function rejectedDevicesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('a device whose messages are rejected', () => {
    const HOUR_MS = 3_600_000;

    /** A message that comes back after so many hours; answers the device's state. */
    async function send(device: SaveDevice, hours: number, outcome: AttemptOutcome) {
      await used.setClock(NOW + hours * HOUR_MS);
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, outcome, NOW + hours * HOUR_MS)]);
      return (await used.store.devicesOfUser(device.userId))[0]?.state;
    }

    async function rejectAt(device: SaveDevice, ...hours: number[]) {
      const states: unknown[] = [];
      for (const hour of hours) {
        states.push(await send(device, hour, { state: 'rejected', endpoint: device.endpoint }));
      }
      return states;
    }

    test('is gone after the third, more than a day after the first', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      expect(await rejectAt(device, 0, 1, 2, 24, 25)).toEqual(['live', 'live', 'live', 'live', 'gone']);
      expect(await sendNow(used.store, aMessage())).toEqual([]);
    });

    test('is not after two, however long it takes', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      expect(await rejectAt(device, 0, 100)).toEqual(['live', 'live']);
    });

    test('begins anew with a message that was accepted', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      await rejectAt(device, 0, 1);
      await send(device, 2, { state: 'accepted' });
      expect(await rejectAt(device, 30, 31)).toEqual(['live', 'live']);
    });

    test('begins anew with a new subscription, and not with the same one', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      await rejectAt(device, 0, 1);
      await used.store.saveDevice(anotherOf(device));
      expect(await rejectAt(device, 25)).toEqual(['gone']);
      await used.store.saveDevice(anotherOf(device));
      expect(await rejectAt(device, 26, 27)).toEqual(['live', 'live']);
      const renewed = aDevice({ secretHash: device.secretHash });
      await used.store.saveDevice(renewed);
      expect(await rejectAt(device, 52, 53, 54)).toEqual(['live', 'live', 'live']);
      expect(await rejectAt(renewed, 55, 56)).toEqual(['live', 'live']);
    });

    test('is never gone where the messages were at fault', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      for (const hours of [0, 20, 40]) expect(await send(device, hours, { state: 'rejected' })).toBe('live');
    });
  });
}
