import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage, toUsers } from '../a-message.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { SessionId } from '../ids.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const SESSION = branded<string, 'SessionId'>('session-1');

/** What becomes of the devices of a sign-in that ended. */
export function sessionsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveDevice(sessionId: SessionId | null, change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice({ sessionId, ...change });
    await used.store.saveDevice(device);
    return device;
  }

  const devicesOf = async (userId: string) =>
    (await used.store.devicesOfUser(branded(userId))).map(({ publicId }) => publicId);

  test("a session that ends takes all its devices with it, whoever's they are, and no others", async () => {
    await saveDevice(SESSION);
    await saveDevice(SESSION);
    await saveDevice(SESSION, { userId: branded('bob') });
    const other = await saveDevice(branded('session-2'));
    const without = await saveDevice(null);
    expect((await used.store.endSession({ sessionId: SESSION, now: NOW })).live).toBe(3);
    expect(await devicesOf('ada')).toEqual([other.newPublicId, without.newPublicId]);
    expect(await devicesOf('bob')).toEqual([]);
    expect((await used.store.endSession({ sessionId: SESSION, now: NOW })).live).toBe(0);
  });

  test('a session that has ended since a request came gets no device, and one that is begun again does', async () => {
    const kept = await saveDevice(SESSION);
    const elsewhere = await used.store.saveDevice({ ...anotherOf(kept), sessionId: branded('session-2') });
    await used.store.endSession({ sessionId: SESSION, now: NOW });
    // An hour: longer ago than the session ended, and no request takes so long.
    const late = { requestAgeMs: 3_600_000 };
    for (const device of [anotherOf(kept), aDevice({ sessionId: SESSION })]) {
      expect(await used.store.saveDevice({ ...device, sessionId: SESSION, ...late })).toEqual({
        outcome: 'session-ended',
      });
    }
    expect(elsewhere).toMatchObject({ outcome: 'updated' });
    expect(await devicesOf('ada')).toEqual([kept.newPublicId]);
    const other = await saveDevice(branded('session-3'), late);
    // Milliseconds after its end, PostgreSQL may take the request for an earlier one.
    const again = aDevice({ sessionId: SESSION });
    await expect.poll(async () => (await used.store.saveDevice(again)).outcome).toMatch(/created|updated/v);
    expect(await devicesOf('ada')).toEqual([kept, other, again].map(({ newPublicId }) => newPublicId));
  });

  test('the end of a session says which bindings it has ended, those of gone devices included', async () => {
    await saveDevice(SESSION);
    const deliveries = await sendNow(used.store, aMessage());
    const { device } = there(deliveries[0]);
    await used.store.recordResults([ended(deliveries[0], { state: 'gone', endpoint: device.endpoint })]);
    await saveDevice(SESSION);
    const [other] = await sendNow(used.store, aMessage());
    const outcome = await used.store.endSession({ sessionId: SESSION, now: NOW });
    expect(outcome).toEqual({ endedBindings: [device.binding, there(other).device.binding], live: 1 });
  });

  test('a device that is gone goes too, and is not counted', async () => {
    const gone = await saveDevice(SESSION);
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: gone.endpoint })]);
    await saveDevice(SESSION);
    expect((await used.store.endSession({ sessionId: SESSION, now: NOW })).live).toBe(1);
    expect(await devicesOf('ada')).toEqual([]);
  });

  test('the session of a device is the one that it was saved in last', async () => {
    const device = await saveDevice(SESSION);
    await used.store.saveDevice({ ...anotherOf(device), sessionId: branded('session-2') });
    expect((await used.store.endSession({ sessionId: SESSION, now: NOW })).live).toBe(0);
    expect(await devicesOf('ada')).toEqual([device.newPublicId]);
  });

  test('what was on its way to the devices is dropped', async () => {
    await saveDevice(SESSION);
    await saveDevice(SESSION);
    const messages = [aMessage(), aMessage({ audience: toUsers('ada', 'bob') })];
    const [first, second] = await sendNow(used.store, there(messages[0]));
    await used.store.recordResults([
      ended(first, { state: 'retrying', runAt: NOW + 5 }),
      ended(second, { state: 'accepted' }),
    ]);
    const stays = await saveDevice(null, { userId: branded('bob') });
    await sendNow(used.store, there(messages[1]));
    await used.store.endSession({ sessionId: SESSION, now: NOW });
    expect(await used.store.messageStatus(there(messages[0]).id)).toMatchObject({
      state: 'done',
      deliveries: { accepted: 1, dropped: 1 },
    });
    expect(await used.store.messageStatus(there(messages[1]).id)).toMatchObject({
      state: 'fanning-out',
      deliveries: { dropped: 2, sending: 1 },
    });
    expect(await devicesOf('bob')).toEqual([stays.newPublicId]);
  });
}
