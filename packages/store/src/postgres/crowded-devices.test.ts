import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, aResubscription, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import { reportOf } from '../contract/receipts.test-data.ts';
import { countDeadlocks, openClient, untilWaiting } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

const LIMITS = { maxDevices: 50, maxPushServices: 10, maxGoneDevices: 50 };

/** Devices of one browser: many scopes, and one secret. */
function devicesOfOneSecret(count: number) {
  const secretHash = aHash();
  return Array.from({ length: count }, (_, i) =>
    aDevice({ secretHash, workerScope: `https://app.example.com/${i}`, limits: LIMITS }),
  );
}

test('50 devices with one secret get 50 new secrets at once, on two processes, without a deadlock', async () => {
  const room = await used.room();
  const stores = await Promise.all([room.open(), room.open()]);
  const devices = devicesOfOneSecret(50);
  for (const device of devices) await stores[0].saveDevice(device);
  const before = await countDeadlocks(used);
  const outcomes = await Promise.all(
    devices.map((device, i) => there(stores[i % 2]).saveDevice({ ...anotherOf(device), secretHash: aHash() })),
  );
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['updated']));
  // A closed connection has told its statistics.
  await Promise.all(stores.map((store) => store.close()));
  expect(await countDeadlocks(used)).toBe(before);
  await room.remove();
}, 300_000);

test('a user whose devices wait for a lock leaves connections to all others', async () => {
  const room = await used.room({ maxConnections: 2 });
  const store = await room.open();
  const devices = devicesOfOneSecret(20);
  for (const device of devices) await store.saveDevice(device);
  const holding = await openClient(used);
  await holding.query(`BEGIN; LOCK TABLE "${room.schema}".devices IN EXCLUSIVE MODE`);
  const changes = [
    ...devices.map((device) => store.saveDevice(anotherOf(device))),
    ...devices.map((device) => store.resubscribeDevice(aResubscription(device, { limits: LIMITS }))),
    ...devices.map((device) => store.removeDevice({ device: proofOf(device), owner: proofOf(device), now: NOW })),
    ...devices.map((_, i) => store.endSession({ sessionId: branded(`session-${i}`), now: NOW })),
    ...devices.map((_, i) => store.saveDevice(aDevice({ userId: branded(`user-${i}`) }))),
  ];
  await untilWaiting(holding);
  expect(await store.vapidKeys()).toEqual([]);
  await holding.query('COMMIT');
  await holding.end();
  await Promise.all(changes);
  await store.close();
  await room.remove();
});

test('a device whose row keeps a retired secret, as it was locked, proves nothing with it', async () => {
  const room = await used.room();
  const store = await room.open();
  const [renewed, locked] = devicesOfOneSecret(2);
  await store.saveDevice(there(renewed));
  await store.saveDevice(there(locked));
  const device = there(locked);
  const holding = await openClient(used);
  await holding.query(
    `BEGIN; SELECT 1 FROM "${room.schema}".devices WHERE public_id = '${device.newPublicId}' FOR UPDATE`,
  );
  // It does not wait for the row of the other device.
  await store.saveDevice({ ...anotherOf(there(renewed)), secretHash: aHash() });
  await holding.query('COMMIT');
  await holding.end();
  // Nor is the secret forgotten while the row has it.
  for (let i = 0; i < 150; i++) await store.saveDevice({ ...anotherOf(there(renewed)), secretHash: aHash() });
  await room.setClock?.(NOW * 2);
  await store.purge({ keepEndedMs: 0, keepGoneMs: 0, limit: 1_000, steadyNow: 0 });
  const rows = await used.query(`SELECT public_id FROM "${room.schema}".devices WHERE secret_hash = $1`, [
    device.secretHash,
  ]);
  expect(rows).toEqual([{ public_id: device.newPublicId }]);
  const proof = proofOf(device);
  expect(await store.proveDevice(proof)).toBeUndefined();
  expect(await store.saveReceipts(reportOf(device))).toBe(false);
  expect(await store.resubscribeDevice(aResubscription(device))).toEqual({ outcome: 'unknown-device' });
  expect(await store.removeDevice({ device: proof, owner: proof, now: NOW })).toMatchObject({
    endedBindings: [],
  });
  const { endpoint } = aDevice();
  expect(await store.saveDevice({ ...anotherOf(device), endpoint })).toEqual({ outcome: 'secret-retired' });
  const saved = await store.saveDevice(anotherOf(device));
  expect(saved).toMatchObject({ outcome: 'updated', publicId: device.newPublicId, renewSecret: true });
  await store.close();
  await room.remove();
}, 120_000);

test.each(['move', 'removal', 'session'] as const)(
  'a %s of a device keeps no lock on it while it waits for the messages to it',
  async (kind) => {
    const room = await used.room();
    const store = await room.open();
    const sessionId = branded<string, 'SessionId'>('session');
    const device = aDevice({ sessionId });
    await store.saveDevice(device);
    const message = aMessage();
    const [delivery] = await sendNow(store, message);
    const before = await countDeadlocks(used);
    const recording = await openClient(used);
    await recording.query(`BEGIN; SELECT 1 FROM "${room.schema}".messages FOR NO KEY UPDATE`);
    const changes = {
      move: () => store.saveDevice({ ...anotherOf(device), userId: branded('bob') }),
      removal: () => store.removeDevice({ device: proofOf(device), owner: proofOf(device), now: NOW }),
      session: () => store.endSession({ sessionId, now: NOW }),
    };
    const changed = changes[kind]();
    await untilWaiting(recording);
    // As `recordResults` does, which has the message already.
    await recording.query(`SELECT 1 FROM "${room.schema}".devices FOR UPDATE`);
    await recording.query('COMMIT');
    await recording.end();
    await changed;
    await store.recordResults([ended(delivery, { state: 'accepted' })]);
    expect(await store.messageStatus(message.id)).toMatchObject({ state: 'done' });
    await store.close();
    expect(await countDeadlocks(used)).toBe(before);
    await room.remove();
  },
);
