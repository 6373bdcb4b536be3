import { branded } from '@belfry/protocol';
import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import { aPage, broadcast, leaseOne, readPage, resultOf, saveDevices } from '../contract/broadcast.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import { StoreError } from '../errors.ts';
import type { EnqueueMessage } from '../message.ts';
import type { Store } from '../store.ts';
import { openClient, untilWaiting } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

/**
 * An older message is locked while a newer one with its collapse key is recorded, so that its deliveries are dropped after the
 * commit. Then that fails, and the caller records the same again.
 */

const used = usePostgres();

let room: Awaited<ReturnType<typeof used.room>>;
let store: Store;
let other: Client;

beforeEach(async () => {
  room = await used.room();
  store = await room.open();
  other = await openClient(used);
});
afterEach(async () => {
  await other.end();
  await store.close();
  await room.remove();
});

const score = (change: Partial<EnqueueMessage> = {}) => aMessage({ collapseKey: 'score', ...change });

/** Its deliveries are to be tried again. */
async function aRetriedMessage(): Promise<EnqueueMessage> {
  const message = score();
  const deliveries = await sendNow(store, message);
  await store.recordResults(deliveries.map((one) => ended(one, { state: 'retrying', runAt: NOW + 5 })));
  return message;
}

/** The call fails when it waits for the older message, which another process has. */
async function failToDrop({ id }: EnqueueMessage, call: () => Promise<unknown>): Promise<void> {
  await other.query('BEGIN');
  await other.query(`SELECT 1 FROM "${room.schema}".messages WHERE id = $1 FOR UPDATE`, [id]);
  const failing = call().then(
    () => 'it did not fail',
    (error: unknown) => (error instanceof StoreError ? error.code : error),
  );
  await untilWaiting(other);
  await other.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  expect(await failing).toBe('store-failed');
  await other.query('COMMIT');
}

const due = async () => (await store.takeDue({ now: NOW + 5, limit: 9, leaseMs: MINUTE_MS })).deliveries;

test('results that are recorded again drop what could not be dropped the first time', async () => {
  await saveDevices(store, 1);
  await saveDevices(store, 1, { userId: branded('bob') });
  const older = await aRetriedMessage();
  const [newer] = await sendNow(store, score());
  // So many newer messages with the key that `takeDue` does not see the one that this device has accepted.
  for (let i = 0; i < 105; i++) await sendNow(store, score({ audience: toUsers('bob') }));
  const record = () => store.recordResults([ended(newer, { state: 'accepted' })]);
  await failToDrop(older, record);
  await record();
  expect(await due()).toEqual([]);
  expect(await store.messageStatus(older.id)).toMatchObject({ state: 'done', deliveries: { dropped: 1 } });
});

test.each([true, false])('a page that is committed again does, where it is the last one: %s', async (isLast) => {
  await saveDevices(store, 1);
  const older = await aRetriedMessage();
  // To another audience: `takeDue` does not see that the device has accepted it.
  await broadcast(store, { collapseKey: 'score' });
  const lease = await leaseOne(store);
  const devices = await readPage(store, lease);
  const page = aPage(lease, devices, { isLast, results: [resultOf(devices[0], { state: 'accepted' })] });
  await failToDrop(older, () => store.commitPage(page));
  await store.commitPage(page);
  expect(await due()).toEqual([]);
  expect(await store.messageStatus(older.id)).toMatchObject({ state: 'done', deliveries: { dropped: 1 } });
});
