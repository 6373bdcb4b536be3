import { randomBytes } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { MAX_PENDING_PROOFS } from '../bound-pending.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Whether a device is who it says to be. */
export function proofsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('a device proves itself', () => {
    test('by its id and its secret, as soon as it was saved', async () => {
      const device = aDevice();
      expect(await used.store.proveDevice(proofOf(device))).toBeUndefined();
      await used.store.saveDevice(device);
      expect(await used.store.proveDevice(proofOf(device))).toBe(device.userId);
    });

    test('and is told apart by its user, also once another user has its browser', async () => {
      const [device, other] = [aDevice(), aDevice({ userId: branded('bob') })];
      for (const saved of [device, other]) await used.store.saveDevice(saved);
      expect(await used.store.proveDevice(proofOf(other))).toBe('bob');
      const moved = { ...anotherOf(device), userId: branded<string, 'UserId'>('bob') };
      await used.store.saveDevice(moved);
      const renewed = { ...anotherOf(moved), secretHash: aHash() };
      await used.store.saveDevice(renewed);
      expect(await used.store.proveDevice(proofOf(device))).toBeUndefined();
      expect(await used.store.proveDevice(proofOf({ ...renewed, newPublicId: moved.newPublicId }))).toBe('bob');
    });

    test('neither with another secret, nor with the secret of another device, nor with another id', async () => {
      const [device, other, silent] = [aDevice(), aDevice(), aDevice({ secretHash: null })];
      for (const saved of [device, other, silent]) await used.store.saveDevice(saved);
      const secretHash = new Uint8Array(randomBytes(32));
      const claims = [
        { ...proofOf(device), secretHash },
        { ...proofOf(device), secretHash: proofOf(other).secretHash },
        { ...proofOf(device), publicId: branded<string, 'PublicDeviceId'>('unknown') },
        { publicId: silent.newPublicId, secretHash },
        { publicId: silent.newPublicId, secretHash: new Uint8Array() },
      ];
      for (const claim of claims) expect(await used.store.proveDevice(claim)).toBeUndefined();
    });

    test('where it is gone, since it may come back, but not where it was removed', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      expect(await used.store.proveDevice(proofOf(device))).toBe(device.userId);
      await used.store.removeDevice({ device: { publicId: device.newPublicId }, owner: device, now: NOW });
      expect(await used.store.proveDevice(proofOf(device))).toBeUndefined();
    });
  });

  test('proofs beyond those that may wait are refused at once, and the others are answered', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const proofs = Array.from({ length: 3 * MAX_PENDING_PROOFS }, () => used.store.proveDevice(proofOf(device)));
    const outcomes = await Promise.allSettled(proofs);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value)).toHaveLength(
      MAX_PENDING_PROOFS,
    );
    expect(refused).toHaveLength(2 * MAX_PENDING_PROOFS);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'store-busy' } });
    expect(await used.store.proveDevice(proofOf(device))).toBe(device.userId);
  });
}
