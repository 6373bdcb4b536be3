import { branded, generateVapidKeys } from '@belfry/protocol';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, not, toCondition, topic, toUsers } from '../a-message.test-data.ts';
import {
  aDeviceAt,
  aPage,
  broadcast,
  endpointsOf,
  leaseOne,
  queue,
  readPage,
  saveDevices,
  resultOf,
} from '../contract/broadcast.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import { aReceipt, reportOf } from '../contract/receipts.test-data.ts';
import type { MessageId, UserId } from '../ids.ts';
import type { EnqueueMessage } from '../message.ts';
import type { Store } from '../store.ts';

export const HOUR_MS = 3_600_000;
const TTL_MS = 48 * HOUR_MS;
/** One of everything that ids may hold. */
export const USERS: readonly UserId[] = ['ada', 'Ada', 'bob', 'ünïcödé 🔔', `a'b"c\\d,{e}\n\u001f`].map((id) =>
  branded(id),
);

export interface FilledStore {
  readonly messageIds: readonly MessageId[];
  readonly broadcastId: MessageId;
  /** Of the devices that the broadcast is for, and of those that had it. */
  readonly endpoints: readonly string[];
  readonly sentTo: readonly string[];
  /** Of the devices that another message is on its way to. */
  readonly waiting: readonly string[];
  readonly repeated: EnqueueMessage;
}

/**
 * Something in every table and state, and much of it half done: a broadcast in the middle, whose chunk is leased, a delivery that
 * is being sent and one that waits, a message for tomorrow, a paused and a cancelled one.
 */
export async function fillStore(store: Store): Promise<FilledStore> {
  await store.ensureVapidKeys({ candidate: generateVapidKeys(), now: NOW });
  await store.addVapidKeys({ keys: generateVapidKeys(), now: NOW + 1 });
  const own = USERS.map((userId, n) =>
    aDevice({ userId, timeZone: n % 2 === 0 ? 'Europe/Rome' : null, lang: 'it', sessionId: branded('session') }),
  );
  const mozilla = aDeviceAt('updates.push.services.mozilla.com', { userId: branded('bob'), expirationTime: NOW });
  for (const device of [...own, mozilla]) await store.saveDevice(device);
  const many = await saveDevices(store, 40, { userId: branded('bob') });
  const leaver = aDevice();
  await store.saveDevice(leaver);
  const [gone, failing, mismatched] = await saveDevices(store, 3, { userId: branded('bob') });
  if (gone === undefined || failing === undefined || mismatched === undefined) throw new Error('three were saved');

  await store.joinTopic({ topic: branded('news'), member: { userId: branded('ada') }, now: NOW });
  await store.joinTopic({ topic: branded('%sport'), member: { publicId: mozilla.newPublicId }, now: NOW });

  const marked = aMessage({ audience: toUsers('bob'), collapseKey: 'k', ttlMs: TTL_MS, expiresAt: NOW + 10 * HOUR_MS });
  const outcomes = new Map([
    [gone.endpoint, { state: 'gone', endpoint: gone.endpoint } as const],
    [failing.endpoint, { state: 'rejected', endpoint: failing.endpoint } as const],
    [mismatched.endpoint, { state: 'key-mismatch', endpoint: mismatched.endpoint } as const],
  ]);
  const deliveries = await sendNow(store, marked);
  await store.recordResults(
    deliveries.map((delivery) => ended(delivery, outcomes.get(delivery.device.endpoint) ?? { state: 'accepted' })),
  );

  await store.saveReceipts(
    reportOf(
      mozilla,
      aReceipt(mozilla, marked.id, { at: NOW - 2 }),
      aReceipt(mozilla, marked.id, { at: NOW - 1 }),
      aReceipt(mozilla, marked.id, { kind: 'clicked', action: 'réponse 🔔', at: NOW + HOUR_MS }),
    ),
  );

  const endpoints = endpointsOf([...own, mozilla, ...many, failing, mismatched]);
  const chunky = await broadcast(store, { devicesPerSecond: 0.00001, ttlMs: TTL_MS });
  const lease = await leaseOne(store);
  const page = await readPage(store, lease, 20);
  const [retried] = page;
  if (retried === undefined) throw new Error('the page has devices');
  await store.commitPage(
    aPage(lease, page, {
      isLast: false,
      counts: { accepted: 18, rejected: 1 },
      results: [resultOf(retried, { state: 'retrying', runAt: NOW + HOUR_MS })],
    }),
  );

  // Its number was given out, and must not be again.
  await store.removeDevice({ device: { endpoint: leaver.endpoint }, owner: { userId: leaver.userId }, now: NOW });

  const sending = aMessage({ audience: toUsers('ada', 'Ada'), ttlMs: TTL_MS });
  const waiting = await sendNow(store, sending);
  const [first] = waiting;
  await store.recordResults([ended(first, { state: 'retrying', runAt: NOW + HOUR_MS / 2 })]);
  const repeated = aMessage({
    audience: toUsers('nobody'),
    idempotency: { key: 'order 1', bodyHash: new Uint8Array(32).fill(255) },
  });
  await sendNow(store, repeated);
  const tomorrow = await queue(store, { runAt: NOW + 24 * HOUR_MS, audience: toCondition(not(topic('news'))) });
  const paused = await queue(store, { runAt: NOW + HOUR_MS });
  await store.changeMessage({ id: paused.id, change: 'pause', now: NOW });
  const cancelled = await broadcast(store, { audience: toCondition(topic('news')) });
  await store.changeMessage({ id: cancelled.id, change: 'cancel', now: NOW });

  return {
    messageIds: [marked, chunky, sending, repeated, tomorrow, paused, cancelled].map(({ id }) => id),
    broadcastId: chunky.id,
    endpoints,
    sentTo: page.slice(1).map(({ endpoint }) => endpoint),
    waiting: waiting.map(({ device }) => device.endpoint),
    repeated,
  };
}
