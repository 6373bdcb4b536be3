import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { saveDevices } from '../contract/broadcast.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import type { EnqueueMessage } from '../message.ts';
import type { Store } from '../store.ts';
import { openClient } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

let room: Awaited<ReturnType<typeof used.room>>;
let store: Store;

beforeEach(async () => {
  room = await used.room();
  store = await room.open();
  await saveDevices(store, 3);
});
afterEach(async () => {
  await store.close();
  await room.remove();
});

/** Its three deliveries are due. */
async function aDueMessage(runAt = NOW): Promise<EnqueueMessage> {
  const message = aMessage();
  const deliveries = await sendNow(store, message);
  await store.recordResults(deliveries.map((one) => ended(one, { state: 'retrying', runAt })));
  return message;
}

const change = ({ id }: EnqueueMessage, to: 'pause' | 'resume') => store.changeMessage({ id, change: to, now: NOW });

async function due() {
  const { deliveries, nextDueAt } = await store.takeDue({ now: NOW, limit: 4, leaseMs: MINUTE_MS });
  return { ids: [...new Set(deliveries.map(({ message }) => message.id))], count: deliveries.length, nextDueAt };
}

async function parked(): Promise<number> {
  const sql = `SELECT count(*)::integer AS n FROM "${room.schema}".deliveries WHERE state = 'retrying' AND run_at IS NULL`;
  return Number((await used.query(sql))[0]?.['n']);
}

test('what is due of a paused message is read once, and not by each call', async () => {
  const paused = await aDueMessage(NOW - 10);
  const other = await aDueMessage();
  await change(paused, 'pause');
  expect(await due()).toEqual({ ids: [other.id], count: 1, nextDueAt: NOW });
  expect(await due()).toEqual({ ids: [other.id], count: 2, nextDueAt: null });
  expect(await parked()).toBe(3);
  await change(paused, 'resume');
  expect(await parked()).toBe(0);
  expect(await due()).toEqual({ ids: [paused.id], count: 3, nextDueAt: null });
});

test('a message that another process resumes at this moment keeps what is due', async () => {
  const message = await aDueMessage();
  await change(message, 'pause');
  const other = await openClient(used);
  await other.query('BEGIN');
  await other.query(`UPDATE "${room.schema}".messages SET state = 'fanning-out', resumes_to = NULL WHERE id = $1`, [
    message.id,
  ]);
  expect(await due()).toEqual({ ids: [], count: 0, nextDueAt: NOW });
  await other.query('COMMIT');
  await other.end();
  expect(await parked()).toBe(0);
  expect(await due()).toEqual({ ids: [message.id], count: 3, nextDueAt: null });
});
