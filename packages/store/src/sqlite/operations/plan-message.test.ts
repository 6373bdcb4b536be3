import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { NOW } from '../../a-device.test-data.ts';
import { MINUTE_MS, toUsers } from '../../a-message.test-data.ts';
import { queue, saveDevices, sendAll, toPlan } from '../../contract/broadcast.test-data.ts';
import { there } from '../../contract/deliveries.test-data.ts';
import type { EnqueueMessage, MessageSeq, PlanMessage } from '../../index.ts';
import type { Store } from '../../store.ts';
import { sqlite } from '../sqlite.ts';
import { type PlanProgress, preparePlanMessage } from './plan-message.ts';

// A message to users has a delivery for each device. They are made in parts, each in a transaction of its own.

const DEVICES = 25;
const LIMIT = 10;

let path: string;
let store: Store;
let endpoints: readonly string[];
let message: EnqueueMessage;
let seq: MessageSeq;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, 'belfry.db');
  store = await sqlite(path)();
  const saved = [
    ...(await saveDevices(store, DEVICES - 5)),
    ...(await saveDevices(store, 5, { userId: branded('bob'), timeZone: 'Asia/Tokyo' })),
  ];
  endpoints = saved.map(({ endpoint }) => endpoint).toSorted();
  message = await queue(store, { audience: toUsers('bob', 'ada', 'nobody'), runAt: NOW + 1 });
  seq = there((await toPlan(store, NOW + 1))[0]).seq;
});
afterEach(() => store.close());

/** What a process plans that dies after so many parts. */
async function planAndDie(parts: number, zones: PlanMessage['zones'] = null): Promise<readonly PlanProgress[]> {
  await store.close();
  const database = new DatabaseSync(path);
  const planMessage = preparePlanMessage(database);
  const progress = Array.from({ length: parts }, () => planMessage({ seq, now: NOW + 1, zones, limit: LIMIT }));
  database.close();
  store = await sqlite(path)();
  return progress;
}

const plan = () => store.planMessage({ seq, now: NOW + 1, zones: null });
const change = (to: 'pause' | 'resume' | 'cancel') => store.changeMessage({ id: message.id, change: to, now: NOW + 1 });
const status = async () => {
  const { state, deliveries } = there(await store.messageStatus(message.id));
  return [state, deliveries];
};

test('no call makes more deliveries than the limit, and the message is sent when all are there', async () => {
  expect(await planAndDie(1)).toEqual(['more']);
  expect(await status()).toEqual(['queued', { retrying: LIMIT }]);
  expect(await planAndDie(1)).toEqual(['more']);
  expect(await status()).toEqual(['queued', { retrying: 2 * LIMIT }]);
  expect(await planAndDie(2)).toEqual(['planned', 'not-to-plan']);
  expect(await status()).toEqual(['fanning-out', { retrying: DEVICES }]);
});

test('a message whose process died between two parts is planned on, and each device gets it once', async () => {
  await planAndDie(1);
  const first = await sendAll(store, NOW + 1);
  expect(first).toHaveLength(LIMIT);
  // All that has a delivery was accepted, and the message is not over.
  expect(await status()).toEqual(['queued', { accepted: LIMIT }]);
  expect(there((await toPlan(store, NOW + 1))[0]).seq).toBe(seq);
  expect(await plan()).toBe(true);
  expect(await plan()).toBe(false);
  expect([...first, ...(await sendAll(store, NOW + 1))].toSorted()).toEqual(endpoints);
  expect(await status()).toEqual(['done', { accepted: DEVICES }]);
});

test('a message that is repeated between two parts says how many devices it has', async () => {
  const idempotency = { key: 'order-7', bodyHash: new Uint8Array(32) };
  const keyed = await queue(store, { audience: toUsers('ada', 'bob'), runAt: NOW + 1, idempotency });
  seq = there((await toPlan(store, NOW + 1))[1]).seq;
  await planAndDie(2);
  const { outcome, ...told } = {
    devices: undefined,
    ...(await store.enqueueMessage({ ...keyed, id: branded('again') })),
  };
  expect([outcome, told.devices]).toEqual(['repeated', DEVICES]);
});

test('a message that is cancelled between two parts goes to nobody else', async () => {
  await planAndDie(1);
  expect(await change('cancel')).toBe('changed');
  expect(await plan()).toBe(false);
  expect(await status()).toEqual(['cancelled', { cancelled: LIMIT }]);
  expect(await sendAll(store, NOW + 1)).toEqual([]);
});

test('a message that is paused between two parts is planned on when it is resumed', async () => {
  await planAndDie(1);
  expect(await change('pause')).toBe('changed');
  expect(await plan()).toBe(false);
  expect((await store.takeDue({ now: NOW + 1, limit: 100, leaseMs: MINUTE_MS })).deliveries).toEqual([]);
  expect(await change('resume')).toBe('changed');
  expect(await plan()).toBe(true);
  expect((await sendAll(store, NOW + 1)).toSorted()).toEqual(endpoints);
  expect(await status()).toEqual(['done', { accepted: DEVICES }]);
});

test('devices of a time zone that was not listed are left out, and do not end the planning', async () => {
  const zones = [{ timeZone: 'Asia/Tokyo', runAt: NOW + 2 }];
  expect(await planAndDie(1, zones)).toEqual(['planned']);
  expect(await status()).toEqual(['fanning-out', { retrying: 5 }]);
});

test('a message that is cancelled while it is planned is cancelled between two parts', async () => {
  await saveDevices(store, 700);
  const large = await queue(store, { audience: toUsers('ada', 'bob'), runAt: NOW + 1 });
  const last = there((await toPlan(store, NOW + 1)).at(-1));
  const [isPlanned, outcome] = await Promise.all([
    store.planMessage({ seq: last.seq, now: NOW + 1, zones: null }),
    store.changeMessage({ id: large.id, change: 'cancel', now: NOW + 1 }),
  ]);
  expect([isPlanned, outcome]).toEqual([false, 'changed']);
  expect(there(await store.messageStatus(large.id))).toMatchObject({
    state: 'cancelled',
    deliveries: { cancelled: 500 },
  });
});
