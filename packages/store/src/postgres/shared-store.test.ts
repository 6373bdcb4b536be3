import { randomUUID } from 'node:crypto';
import { branded, endpointOrigin, generateVapidKeys } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import {
  aDeviceAt,
  aPage,
  broadcast,
  endpointsOf,
  leaseAll,
  leaseOne,
  queue,
  readPage,
  saveDevices,
  sendAll,
  toPlan,
  resultOf,
} from '../contract/broadcast.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import type { StoreRoom } from '../contract/store-under-test.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { Store } from '../store.ts';
import { openDatabase } from './database.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

describe('two processes on one schema', () => {
  const EACH = 10;
  let room: StoreRoom;
  let stores: readonly [Store, Store];

  beforeEach(async () => {
    room = await used.room();
    stores = await Promise.all([room.open(), room.open()]);
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await room.remove();
  });

  /** Calls so many times in each store, all at once. */
  function atOnce<Output>(call: (store: Store, index: number) => Promise<Output>): Promise<Output[]> {
    return Promise.all(stores.flatMap((store) => Array.from({ length: EACH }, (_, index) => call(store, index))));
  }

  async function saveAt(hosts: number): Promise<readonly SaveDevice[]> {
    const devices = Array.from({ length: hosts }, (_, index) => aDeviceAt(`push${index}.example.net`));
    await Promise.all(devices.map((device) => stores[0].saveDevice(device)));
    return devices;
  }

  test('that save one endpoint at the same moment make one device', async () => {
    const device = aDevice({ secretHash: null });
    const saved = await atOnce((store) => store.saveDevice(anotherOf(device)));
    expect(saved.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(new Set(saved.map((each) => 'publicId' in each && each.publicId)).size).toBe(1);
    expect(await stores[1].devicesOfUser(device.userId)).toHaveLength(1);
  });

  test('that save one endpoint for two users at the same moment make one device', async () => {
    const device = aDevice();
    const users = ['ada', 'bob'].map((user) => branded<string, 'UserId'>(user));
    await atOnce((store, index) => store.saveDevice({ ...anotherOf(device), userId: there(users[index % 2]) }));
    const devices = await Promise.all(users.map((user) => stores[0].devicesOfUser(user)));
    expect(devices.flat()).toHaveLength(1);
  });

  test('that save new subscriptions of one browser at the same moment make one device', async () => {
    // Another device is there, since those who make the user's row wait for each other there.
    await atOnce((store) => store.saveDevice(aDevice()));
    const { secretHash, userId } = aDevice();
    await atOnce((store) => store.saveDevice(aDevice({ secretHash })));
    expect(await stores[0].devicesOfUser(userId)).toHaveLength(2 * EACH + 1);
  });

  test('that need VAPID keys at the same moment have the same', async () => {
    const keys = await atOnce((store) => store.ensureVapidKeys({ candidate: generateVapidKeys(), now: NOW }));
    expect(new Set(keys.map(({ privateKey }) => privateKey)).size).toBe(1);
    expect(await stores[0].vapidKeys()).toEqual([keys[0]]);
  });

  test('that enqueue under one idempotency key at the same moment make one message', async () => {
    await stores[0].saveDevice(aDevice());
    const idempotency = { key: 'order-7', bodyHash: new Uint8Array(32) };
    const enqueued = await atOnce((store) => store.enqueueMessage(aMessage({ idempotency })));
    expect(enqueued.filter(({ outcome }) => outcome === 'sending')).toHaveLength(1);
    const repeated = enqueued.filter(({ outcome }) => outcome === 'repeated');
    expect(repeated).toHaveLength(2 * EACH - 1);
    expect(new Set(repeated.map((each) => 'id' in each && each.id)).size).toBe(1);
    expect(repeated[0]).toMatchObject({ devices: 1 });
  });

  test('that join one new topic at the same moment have joined', async () => {
    const member = { userId: branded<string, 'UserId'>('ada') };
    const topic = branded<string, 'TopicName'>('news');
    expect(await atOnce((store) => store.joinTopic({ topic, member, now: NOW }))).not.toContain(false);
    expect(await stores[1].topicsOf(member)).toEqual([topic]);
  });

  test('that plan a message at the same moment plan it once', async () => {
    const devices = await saveAt(5);
    await queue(stores[0]);
    const { seq } = there((await toPlan(stores[1]))[0]);
    const planned = await atOnce((store) => store.planMessage({ seq, now: NOW, zones: null }));
    expect(planned.filter(Boolean)).toHaveLength(1);
    expect(await sendAll(stores[0])).toEqual(endpointsOf(devices));
  });

  test('share the chunks of broadcasts, so that each device is sent to once', async () => {
    const devices = await saveAt(6);
    const messages = [];
    for (let i = 0; i < 4; i++) messages.push(await broadcast(stores[i % 2] ?? stores[0]));
    const sent = await Promise.all(stores.flatMap((store) => Array.from({ length: 4 }, () => sendAll(store))));
    expect(sent.flat().toSorted()).toEqual(messages.flatMap(() => endpointsOf(devices)).toSorted());
    expect(sent.filter((endpoints) => endpoints.length > 0).length).toBeGreaterThan(1);
    for (const { id } of messages) {
      expect(await stores[0].messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: 6 } });
    }
  });

  test('leave the chunks of a message with a limit on devices per second to one of them', async () => {
    const origins = (await saveAt(6)).map(({ endpoint }) => endpointOrigin(endpoint));
    for (let round = 0; round < 5; round++) {
      const { id } = await broadcast(stores[0], { devicesPerSecond: 10 });
      const request = { now: NOW, leaseMs: MINUTE_MS, limit: 10 };
      // Each looks at another push service, so that it is not the chunk for which they meet.
      const owners = new Set<Store>();
      await atOnce(async (store, index) => {
        const exceptOrigins = origins.toSpliced(index % origins.length, 1);
        const { leases } = await store.leaseChunks({ ...request, exceptOrigins });
        if (leases.length > 0) owners.add(store);
      });
      expect(owners.size).toBe(1);
      for (const store of stores.filter((each) => !owners.has(each))) {
        expect(await store.leaseChunks({ ...request, exceptOrigins: [] })).toMatchObject({ leases: [] });
      }
      await stores[1].changeMessage({ id, change: 'cancel', now: NOW });
    }
  });

  test('that end the last two chunks at the same moment end the message', async () => {
    await saveAt(2);
    for (let round = 0; round < 20; round++) {
      const { id } = await broadcast(stores[0]);
      const leases = await leaseAll(stores[0]);
      expect(leases).toHaveLength(2);
      const pages = await Promise.all(leases.map((lease) => readPage(stores[0], lease)));
      const ends = stores.map((store, i) => store.commitPage(aPage(there(leases[i]), there(pages[i]))));
      expect(await Promise.all(ends)).toEqual(['ended', 'ended']);
      expect(await stores[0].messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: 2 } });
    }
  });

  test('that end the last two deliveries at the same moment end the message', async () => {
    await saveDevices(stores[0], 2);
    for (let round = 0; round < 20; round++) {
      const message = aMessage();
      const deliveries = await sendNow(stores[0], message);
      const ends = stores.map((store, i) => store.recordResults([ended(deliveries[i], { state: 'accepted' })]));
      await Promise.all(ends);
      expect(await stores[0].messageStatus(message.id)).toMatchObject({ state: 'done' });
    }
  });

  test('take each delivery that is due once', async () => {
    await saveDevices(stores[0], 60);
    const deliveries = await sendNow(stores[0], aMessage());
    await stores[0].recordResults(deliveries.map((delivery) => ended(delivery, { state: 'retrying', runAt: NOW })));
    const taken = await atOnce((store) => store.takeDue({ now: NOW, limit: 5, leaseMs: MINUTE_MS }));
    const left = await stores[0].takeDue({ now: NOW, limit: 100, leaseMs: MINUTE_MS });
    const ids = [...taken, left].flatMap((due) => due.deliveries.map(({ device }) => device.id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(deliveries.map(({ device }) => device.id));
  });

  test('give back only what they leased themselves', async () => {
    await saveAt(2);
    await broadcast(stores[0]);
    const own = await leaseOne(stores[0]);
    const other = await leaseOne(stores[1]);
    const [delivery] = await sendNow(stores[1], aMessage());
    expect(await stores[0].releaseLeases()).toBe(1);
    expect(await leaseAll(stores[1])).toMatchObject([{ id: own.id, token: own.token + 1 }]);
    expect(await stores[1].commitPage(aPage(other, await readPage(stores[1], other)))).toBe('ended');
    await stores[1].recordResults([ended(delivery, { state: 'accepted' })]);
    expect(await stores[0].messageStatus(there(delivery).message.id)).toMatchObject({ deliveries: { accepted: 1 } });
  });

  test('that cancel a broadcast while its pages are committed leave nothing to be tried again', async () => {
    await saveAt(8);
    for (let round = 0; round < 10; round++) {
      const { id } = await broadcast(stores[0]);
      const leases = await leaseAll(stores[0]);
      const committing = leases.map(async (lease) => {
        const page = await readPage(stores[0], lease);
        const results = page.map((device) => resultOf(device, { state: 'retrying', runAt: NOW }));
        return stores[0].commitPage(aPage(lease, page, { isLast: false, counts: {}, results }));
      });
      await Promise.all([stores[1].changeMessage({ id, change: 'cancel', now: NOW }), ...committing]);
      const status = await stores[0].messageStatus(id);
      expect(status?.state).toBe('cancelled');
      expect(status?.deliveries).toEqual({ cancelled: 8 });
    }
  });

  test('do all that they do to the same devices and messages at once, and nothing fails', async () => {
    const devices = await saveAt(6);
    await Promise.all(
      stores.flatMap((store, which) =>
        Array.from({ length: 8 }, async (_, worker) => {
          for (let round = 0; round < 6; round++) {
            const device = there(devices[(worker + round) % devices.length]);
            const user = `user-${(which + worker + round) % 3}`;
            await store.saveDevice({ ...anotherOf(device), userId: branded(user) });
            const deliveries = await sendNow(store, aMessage({ audience: toUsers(user), collapseKey: 'same' }));
            const results = deliveries.map((delivery, i) =>
              ended(delivery, i % 2 === 0 ? { state: 'accepted' } : { state: 'retrying', runAt: NOW }),
            );
            await store.recordResults(results);
            await store.takeDue({ now: NOW, limit: 3, leaseMs: 0 });
            const message = await queue(store);
            for (const { seq } of await toPlan(store)) await store.planMessage({ seq, now: NOW, zones: null });
            await sendAll(store);
            if (round % 3 === 0) await store.changeMessage({ id: message.id, change: 'cancel', now: NOW });
          }
        }),
      ),
    );
    const all = { steadyNow: NOW, keepEndedMs: -1, keepGoneMs: -1, limit: 100_000 };
    expect(await stores[0].purge(all)).toBeGreaterThan(0);
  }, 60_000);

  test('that repeat a page whose answer was lost do not count it twice', async () => {
    const devices = await saveDevices(stores[0], 3);
    const { id } = await broadcast(stores[0]);
    const lease = await leaseOne(stores[0]);
    const page = await readPage(stores[0], lease, 2);
    const results = [resultOf(page[1], { state: 'retrying', runAt: NOW })];
    const commit = aPage(lease, page, { isLast: false, counts: { accepted: 1 }, results });
    expect(await stores[0].commitPage(commit)).toBe('continues');
    expect(await stores[0].commitPage(commit)).toBe('continues');
    expect(await stores[0].messageStatus(id)).toMatchObject({ deliveries: { accepted: 1, retrying: 1 } });
    const rest = await readPage(stores[0], { ...lease, cursor: commit.cursor });
    expect(endpointsOf(devices)).toEqual([...page, ...rest].map(({ endpoint }) => endpoint).toSorted());
  });

  test('refuse a message under the id of another', async () => {
    const id = branded<string, 'MessageId'>(randomUUID());
    await stores[0].enqueueMessage(aMessage({ id }));
    await expect(stores[1].enqueueMessage(aMessage({ id }))).rejects.toMatchObject({ code: 'store-failed' });
  });
});

test('a process that stops in the middle of a transaction keeps its locks for five seconds, and no longer', async () => {
  const room = await used.room();
  const store = await room.open();
  await store.saveDevice(aDevice());
  const [delivery] = await sendNow(store, aMessage());
  const effects = { after: () => () => {}, randomId: () => randomUUID() };
  const stopped = openDatabase({
    url: used.server.url,
    schema: room.schema,
    maxConnections: 1,
    durability: 'disk',
    effects,
  });
  const locked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const held = stopped.transaction(async ({ rows }) => {
    await rows(stopped.once('SELECT seq FROM belfry.messages FOR UPDATE'));
    locked.resolve();
    await goOn.promise;
  });
  await locked.promise;
  await store.recordResults([ended(there(delivery), { state: 'accepted' })]);
  expect(await store.messageStatus(there(delivery).message.id)).toMatchObject({ state: 'done' });
  goOn.resolve();
  await Promise.allSettled([held]);
  await stopped.close();
  await store.close();
  await room.remove();
}, 20_000);
