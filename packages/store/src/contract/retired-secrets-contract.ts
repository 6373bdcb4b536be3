import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, aResubscription, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import { MAX_RETIRED_SECRETS_PER_USER } from '../device-limits.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const BOB = { userId: branded<string, 'UserId'>('bob') };
const SESSION = branded<string, 'SessionId'>('session-1');

/** A secret that a former user of a browser may know is good for nothing. */
export function retiredSecretsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice(change);
    await used.store.saveDevice(device);
    return device;
  }

  const devicesOf = (user: string) => used.store.devicesOfUser(branded(user));
  const proves = async (device: SaveDevice) => (await used.store.proveDevice(proofOf(device))) !== undefined;

  describe('a device that moves to another user', () => {
    test('has a new id, and the secret that its former user knows proves nothing', async () => {
      const device = await saveDevice();
      const moved = { ...anotherOf(device), ...BOB };
      expect(await used.store.saveDevice(moved)).toMatchObject({
        outcome: 'moved',
        publicId: moved.newPublicId,
        binding: moved.newBinding,
        renewSecret: true,
      });
      const before = await devicesOf('bob');
      for (const claimed of [device, moved]) {
        const { newPublicId: publicId } = claimed;
        expect(await proves(claimed)).toBe(false);
        expect(await used.store.resubscribeDevice(aResubscription(claimed))).toEqual({ outcome: 'unknown-device' });
        expect(await used.store.saveReceipts({ ...proofOf(claimed), receipts: [], now: NOW })).toBe(false);
        for (const which of [{ publicId }, { endpoint: device.endpoint }]) {
          const owner = { secretHash: there(device.secretHash ?? undefined) };
          expect(await used.store.removeDevice({ device: which, owner, now: NOW })).toMatchObject({
            endedBindings: [],
          });
        }
      }
      expect(await devicesOf('bob')).toEqual(before);
    });

    test('has the new secret that its browser makes then', async () => {
      const device = await saveDevice();
      const moved = { ...anotherOf(device), ...BOB };
      await used.store.saveDevice(moved);
      const renewed = { ...anotherOf(moved), secretHash: aHash() };
      expect(await used.store.saveDevice(renewed)).toMatchObject({
        outcome: 'updated',
        publicId: moved.newPublicId,
        renewSecret: false,
      });
      expect(await proves({ ...renewed, newPublicId: moved.newPublicId })).toBe(true);
    });

    test.each([
      ['before its browser has made a new secret', false],
      ['and has a new secret under the same endpoint', true],
    ])(
      '%s stays there, whatever a former user sends who noted endpoint, keys and secret',
      async (_when, isSecretNew) => {
        const device = await saveDevice();
        const moved = { ...anotherOf(device), ...BOB };
        await used.store.saveDevice(moved);
        const renewed = { ...anotherOf(moved), secretHash: aHash() };
        if (isSecretNew) await used.store.saveDevice(renewed);
        const before = await devicesOf('bob');
        // A request that comes late, or again.
        expect(await used.store.saveDevice(anotherOf(device))).toEqual({ outcome: 'secret-retired' });
        for (const secretHash of [aHash(), null]) {
          const taken = { ...anotherOf(device), secretHash };
          expect(await used.store.saveDevice(taken)).toEqual({ outcome: 'endpoint-conflict' });
        }
        expect(await devicesOf('bob')).toEqual(before);
        expect(await devicesOf('ada')).toEqual([]);
        expect(await proves({ ...renewed, newPublicId: moved.newPublicId })).toBe(isSecretNew);
      },
    );

    test('moves on from there with the secret that its browser has now', async () => {
      const device = await saveDevice();
      await used.store.saveDevice({ ...anotherOf(device), ...BOB });
      const renewed = { ...anotherOf(device), ...BOB, secretHash: aHash() };
      await used.store.saveDevice(renewed);
      const back = { ...anotherOf(renewed), userId: device.userId };
      expect(await used.store.saveDevice(back)).toMatchObject({ outcome: 'moved', renewSecret: true });
      expect(await devicesOf('bob')).toEqual([]);
    });
  });

  test('a browser that sends the secret of another user gets neither that nor its endpoint for long', async () => {
    const device = await saveDevice();
    // Ada gave her device another endpoint, and may have noted the one of the browser, which goes on with bob.
    await used.store.resubscribeDevice(aResubscription(device));
    const bobs = { ...anotherOf(device), ...BOB };
    expect(await used.store.saveDevice(bobs)).toMatchObject({ outcome: 'created', renewSecret: true, isRefused: true });
    const renewed = aDevice({ ...BOB, publicId: bobs.newPublicId });
    expect(await used.store.saveDevice(renewed)).toMatchObject({
      outcome: 'updated',
      renewSecret: false,
      isRefused: false,
    });
    expect(await devicesOf('bob')).toMatchObject([{ endpoint: renewed.endpoint }]);
  });

  describe('a secret is retired', () => {
    const ends: readonly (readonly [string, (device: SaveDevice) => Promise<unknown>])[] = [
      [
        'when another takes its place',
        (device) => used.store.saveDevice({ ...anotherOf(device), secretHash: aHash() }),
      ],
      [
        'when its device is removed',
        ({ newPublicId: publicId, userId }) =>
          used.store.removeDevice({ device: { publicId }, owner: { userId }, now: NOW }),
      ],
      ['when the session of its device ends', () => used.store.endSession({ sessionId: SESSION, now: NOW })],
      [
        'when another user sends it with a subscription of their own',
        ({ secretHash }) => used.store.saveDevice(aDevice({ ...BOB, secretHash })),
      ],
    ];

    test.each(ends)('%s', async (_when, end) => {
      const device = await saveDevice({ sessionId: SESSION });
      await end(device);
      expect(await proves(device)).toBe(false);
      await used.reopen();
      // Whoever sends it: nobody else may know it.
      const before = [await devicesOf('ada'), await devicesOf('bob')];
      for (const user of ['ada', 'bob', 'carol']) {
        const again = aDevice({ userId: branded(user), secretHash: device.secretHash });
        expect(await used.store.saveDevice(again)).toEqual({ outcome: 'secret-retired' });
      }
      expect([await devicesOf('ada'), await devicesOf('bob'), await devicesOf('carol')]).toEqual([...before, []]);
    });

    test('and a device keeps the secret that took its place', async () => {
      const device = await saveDevice();
      const renewed = { ...device, secretHash: aHash() };
      await used.store.saveDevice(renewed);
      expect(await used.store.saveDevice(anotherOf(device))).toMatchObject({ outcome: 'updated', renewSecret: true });
      expect(await proves(renewed)).toBe(true);
    });

    test('also of a device that was gone, and is revived by nobody', async () => {
      const device = await saveDevice();
      const [delivery] = await sendNow(used.store, aMessage());
      await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
      await used.store.saveDevice({ ...anotherOf(device), ...BOB });
      expect(await used.store.resubscribeDevice(aResubscription(device))).toEqual({ outcome: 'unknown-device' });
      expect(await devicesOf('ada')).toMatchObject([{ state: 'gone' }]);
    });
  });

  test('a former user who resubscribes while the device moves gets their own device, or none', async () => {
    for (let round = 0; round < 20; round++) {
      const device = await saveDevice();
      const moved = { ...anotherOf(device), ...BOB };
      await Promise.all([used.store.resubscribeDevice(aResubscription(device)), used.store.saveDevice(moved)]);
      const live = (await devicesOf('bob')).filter(({ endpoint }) => endpoint === device.endpoint);
      expect(live).toMatchObject([{ publicId: moved.newPublicId, binding: moved.newBinding, state: 'live' }]);
      expect(await devicesOf('bob')).toHaveLength(round + 1);
      expect(await devicesOf('ada')).not.toMatchObject([{ endpoint: device.endpoint }]);
    }
  });

  test('of two users who send one secret at once, neither has it in the end', async () => {
    for (let round = 0; round < 20; round++) {
      const secretHash = aHash();
      const devices = [aDevice({ secretHash }), aDevice({ ...BOB, secretHash })];
      await Promise.all(devices.map((device) => used.store.saveDevice(device)));
      // The second to come retires what the first has.
      for (const device of devices) expect(await proves(device)).toBe(false);
    }
  });

  test('a user who retires one secret after the other keeps the newest, and nobody else loses any', async () => {
    // Bob has a device that was ada's, and cyd has removed hers.
    const shared = await saveDevice();
    const moved = { ...anotherOf(shared), ...BOB };
    await used.store.saveDevice(moved);
    const cyds = await saveDevice({ userId: branded('cyd') });
    const { newPublicId: publicId, userId } = cyds;
    await used.store.removeDevice({ device: { publicId }, owner: { userId }, now: NOW });

    const first = await saveDevice();
    let device = first;
    let last = first;
    for (let n = 1; n <= MAX_RETIRED_SECRETS_PER_USER + 10; n++) {
      last = device;
      device = { ...anotherOf(device), secretHash: aHash(), now: NOW + n };
      await used.store.saveDevice(device);
    }
    const withSecretOf = ({ secretHash }: SaveDevice, user = 'ada') => aDevice({ userId: branded(user), secretHash });
    expect(await used.store.saveDevice(withSecretOf(last))).toEqual({ outcome: 'secret-retired' });
    expect(await used.store.saveDevice(withSecretOf(first))).toMatchObject({ outcome: 'created', renewSecret: false });
    expect(await used.store.saveDevice(withSecretOf(cyds, 'cyd'))).toEqual({ outcome: 'secret-retired' });
    // Bob's browser may have it still, so that it counts as one of bob's.
    expect(await used.store.saveDevice(withSecretOf(shared))).toEqual({ outcome: 'secret-retired' });
    for (const claimed of [shared, moved]) {
      expect(await proves(claimed)).toBe(false);
      expect(await used.store.resubscribeDevice(aResubscription(claimed))).toEqual({ outcome: 'unknown-device' });
    }
  });

  test('retired secrets are purged with the devices that are gone for as long, no more than the limit', async () => {
    await used.setClock(NOW);
    const devices = [await saveDevice(), await saveDevice(), await saveDevice()];
    for (const { newPublicId: publicId, userId } of devices) {
      await used.store.removeDevice({ device: { publicId }, owner: { userId }, now: NOW });
    }
    const purge = (keepGoneMs: number) => used.store.purge({ steadyNow: NOW, keepEndedMs: NOW, keepGoneMs, limit: 2 });
    expect(await purge(0)).toBe(0);
    expect([await purge(-1), await purge(-1), await purge(-1)]).toEqual([2, 1, 0]);
    const [device] = devices;
    expect(await used.store.saveDevice(anotherOf(there(device)))).toMatchObject({ renewSecret: false });
  });

  test('a gone device that is purged leaves its secret retired: its browser may come back with another user', async () => {
    const device = await saveDevice();
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
    expect(await used.store.purge({ steadyNow: NOW, keepEndedMs: NOW, keepGoneMs: -1, limit: 100 })).toBe(1);
    expect(await used.store.saveDevice({ ...anotherOf(device), ...BOB })).toEqual({ outcome: 'secret-retired' });
  });
}
