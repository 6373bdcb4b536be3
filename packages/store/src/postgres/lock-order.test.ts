import { branded } from '@belfry/protocol';
import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import { aReceipt, reportOf } from '../contract/receipts.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { Store } from '../store.ts';
import { countDeadlocks, openClient, untilWaiting } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

let room: Awaited<ReturnType<typeof used.room>>;
let store: Store;
let other: Client;
let before: number;

beforeEach(async () => {
  room = await used.room({ maxConnections: 4 });
  store = await room.open();
  other = await openClient(used);
  before = await countDeadlocks(used);
});
afterEach(async () => {
  await other.end();
  await store.close();
  await room.remove();
});

/** Runs SQL as another process, of which `belfry` is the schema. */
async function asOther(sql: string, values: unknown[] = []): Promise<void> {
  await other.query(sql.replaceAll('belfry.', `"${room.schema}".`), values);
}

/**
 * The other process has taken `first`, and takes `second` while the store's call waits for `first`, or has ended. Two that take
 * both in the same order never wait for each other in a circle. Returns how many circles PostgreSQL had to break.
 */
async function deadlocksOf(
  call: () => Promise<unknown>,
  { first, second }: { first: () => Promise<void>; second: () => Promise<void> },
): Promise<number> {
  await asOther('BEGIN');
  await first();
  const called = call();
  await Promise.race([untilWaiting(other), called]);
  await second();
  await asOther('COMMIT');
  await called;
  await store.close();
  return (await countDeadlocks(used)) - before;
}

async function saveDevices(changes: readonly Partial<SaveDevice>[]): Promise<SaveDevice[]> {
  const devices = changes.map((change) => aDevice(change));
  for (const device of devices) await store.saveDevice(device);
  return devices;
}

const lockDevice = (device: SaveDevice) => () =>
  asOther('SELECT 1 FROM belfry.devices WHERE public_id = $1 FOR UPDATE', [device.newPublicId]);

test('results of several kinds lock their devices in one order', async () => {
  const [first, second] = await saveDevices([{}, {}]);
  const deliveries = await sendNow(store, aMessage());
  const of = (device: SaveDevice | undefined) =>
    there(deliveries.find(({ device: { publicId } }) => publicId === device?.newPublicId));
  const results = [
    ended(of(second), { state: 'accepted', endpoint: of(second).device.endpoint }),
    ended(of(first), { state: 'gone', endpoint: of(first).device.endpoint }),
  ];
  const deadlocks = await deadlocksOf(() => store.recordResults(results), {
    first: lockDevice(there(first)),
    second: lockDevice(there(second)),
  });
  expect(deadlocks).toBe(0);
});

test('a result that drops an older message does not wait for that message while it has the device', async () => {
  const [device] = await saveDevices([{}]);
  const older = aMessage({ collapseKey: 'score' });
  const [waiting] = await sendNow(store, older);
  await store.recordResults([ended(waiting, { state: 'retrying', runAt: NOW + 1_000 })]);
  const [newer] = await sendNow(store, aMessage({ collapseKey: 'score' }));
  const deadlocks = await deadlocksOf(() => store.recordResults([ended(newer, { state: 'accepted' })]), {
    first: () => asOther('SELECT 1 FROM belfry.messages WHERE id = $1 FOR NO KEY UPDATE', [older.id]),
    second: lockDevice(there(device)),
  });
  expect(deadlocks).toBe(0);
  store = await room.open();
  // It is dropped after the transaction, and not only when it is due.
  expect(await store.messageStatus(older.id)).toMatchObject({ state: 'done', deliveries: { dropped: 1 } });
  expect(await store.takeDue({ now: NOW + 2_000, limit: 10, leaseMs: 60_000 })).toMatchObject({ deliveries: [] });
});

test('a new subscription of a browser with two devices locks both in the order of their ids', async () => {
  const [twin, device] = await saveDevices([{}, {}]);
  await store.saveDevice({ ...anotherOf(there(twin)), secretHash: there(device).secretHash });
  const deadlocks = await deadlocksOf(() => store.resubscribeDevice(aResubscription(there(device))), {
    first: lockDevice(there(twin)),
    second: lockDevice(there(device)),
  });
  expect(deadlocks).toBe(0);
});

test('a device whose endpoint changed while it was waited for is not kept from one who locks in the order of ids', async () => {
  const [low, high] = await saveDevices([{}, {}]);
  const changing = await openClient(used);
  await changing.query(`BEGIN; UPDATE "${room.schema}".devices SET endpoint = 'https://push.example.net/other' WHERE id = (
    SELECT max(id) FROM "${room.schema}".devices)`);
  const { endpoint } = there(high);
  const deadlocks = await deadlocksOf(() => store.saveDevice({ ...anotherOf(there(low)), endpoint }), {
    first: lockDevice(there(low)),
    second: async () => {
      await changing.query('COMMIT');
      await untilWaiting(other);
      await lockDevice(there(high))();
    },
  });
  expect(deadlocks).toBe(0);
  await changing.end();
});

test('two users who send each other’s secrets, and have too many devices, retire all secrets in one order', async () => {
  const limits = { maxDevices: 1, maxPushServices: 10, maxGoneDevices: 50 };
  const [low, high] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  await saveDevices([
    { limits, secretHash: low },
    { userId: branded('bob'), secretHash: high },
  ]);
  const retire = (secretHash: Uint8Array) => () =>
    asOther('INSERT INTO belfry.retired_secrets (secret_hash, retired_at) VALUES ($1, 1)', [secretHash]);
  // It retires bob's secret, which ada sent, and then the one of her surplus device.
  const deadlocks = await deadlocksOf(() => store.saveDevice(aDevice({ limits, secretHash: high })), {
    first: retire(low),
    second: retire(high),
  });
  expect(deadlocks).toBe(0);
});

test('50 reports of receipts, which wait for their device, leave connections to others', async () => {
  const [device] = await saveDevices([{}]);
  const message = aMessage();
  const [delivery] = await sendNow(store, message);
  await store.recordResults([ended(delivery, { state: 'accepted' })]);
  await asOther('BEGIN');
  await lockDevice(there(device))();
  const report = reportOf(there(device), aReceipt(there(device), message.id));
  const saved = Array.from({ length: 50 }, () => store.saveReceipts(report));
  await untilWaiting(other);
  expect(await sendNow(store, aMessage({ audience: { kind: 'users', userIds: [branded('bob')] } }))).toEqual([]);
  await asOther('COMMIT');
  expect(new Set(await Promise.all(saved))).toEqual(new Set([true]));
});
