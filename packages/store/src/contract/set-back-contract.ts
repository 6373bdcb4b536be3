import { beforeEach, describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import {
  aDeviceAt,
  aPage,
  broadcast,
  leaseAll,
  leaseOne,
  queue,
  readPage,
  resultOf,
  saveDevices,
  toPlan,
} from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What waits when somebody sets the clock back: its delay is counted again from then on, and no longer. */
export function setBackContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  function takeDue(now: number, limit = 10) {
    return used.store.takeDue({ now, limit, leaseMs: MINUTE_MS });
  }

  describe.each([HOUR_MS, DAY_MS])('where the clock is set back by %i ms', (stepMs) => {
    const then = NOW - stepMs;

    test('a delivery that waits is due after its own delay, and is found once', async () => {
      await saveDevices(used.store, 1);
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: 2 * DAY_MS }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5_000 })]);
      await takeDue(then);
      expect(await takeDue(then)).toEqual({ deliveries: [], nextDueAt: then + 5_000 });
      expect(await takeDue(then + 4_999)).toEqual({ deliveries: [], nextDueAt: then + 5_000 });
      expect((await takeDue(then + 5_000)).deliveries).toHaveLength(1);
    });

    test('a delivery has what was left of its TTL, and no more', async () => {
      await saveDevices(used.store, 1);
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: MINUTE_MS }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 15_000 }, NOW + 10_000)]);
      await takeDue(then);
      expect(await takeDue(then + 5_000)).toMatchObject({ deliveries: [{ expiresAt: then + 50_000 }] });
    });

    test('a delivery that was under way meanwhile has its TTL again, and no more', async () => {
      await saveDevices(used.store, 1);
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: MINUTE_MS }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: then + 5_000 }, then)]);
      expect(await takeDue(then + 5_000)).toMatchObject({ deliveries: [{ expiresAt: then + 5_000 + MINUTE_MS }] });
      await used.store.releaseLeases();
    });

    test('a delivery that ends at a time that was named goes on to end then', async () => {
      await saveDevices(used.store, 1);
      const expiresAt = NOW + 30_000;
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: 2 * DAY_MS, expiresAt }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5_000 }, NOW)]);
      await takeDue(then);
      expect(await takeDue(then + 5_000)).toMatchObject({ deliveries: [{ expiresAt }] });
    });

    test('a part of a broadcast has what was left of its TTL, and is over after that', async () => {
      await used.store.saveDevice(aDeviceAt('push.example.net'));
      const { id } = await broadcast(used.store, { ttlMs: MINUTE_MS });
      const lease = await leaseOne(used.store);
      await used.store.commitPage(
        aPage(lease, [], {
          now: NOW + 10_000,
          isLast: false,
          leaseMs: null,
          releaseUntil: NOW + 15_000,
          cursor: lease.cursor,
        }),
      );
      await leaseAll(used.store, { now: then });
      const [again] = await leaseAll(used.store, { now: then + 5_000 });
      expect(again?.expiresAt).toBe(then + 50_000);
      await used.store.releaseLeases();
      await leaseAll(used.store, { now: then + 50_001 });
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'expired' });
    });

    test('a delivery of a page that was sent before, and is committed after, is due after its own delay', async () => {
      await saveDevices(used.store, 1);
      await broadcast(used.store, { ttlMs: 2 * DAY_MS });
      const lease = await leaseOne(used.store);
      const devices = await readPage(used.store, lease);
      const retrying = { ...resultOf(devices[0], { state: 'retrying', runAt: NOW + 5_000 }), decidedAt: NOW };
      await used.store.commitPage(aPage(lease, devices, { now: then, counts: {}, results: [retrying] }));
      await takeDue(then);
      expect(await takeDue(then)).toEqual({ deliveries: [], nextDueAt: then + 5_000 });
    });

    test('a delivery never waits for longer than a day', async () => {
      await saveDevices(used.store, 1);
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: 20 * DAY_MS }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 9 * DAY_MS })]);
      await takeDue(then);
      expect((await takeDue(then)).nextDueAt).toBe(then + DAY_MS);
    });

    test('many deliveries are found in several calls, none of which waits', async () => {
      await saveDevices(used.store, 25);
      const deliveries = await sendNow(used.store, aMessage({ ttlMs: 2 * DAY_MS }));
      await used.store.recordResults(deliveries.map((one) => ended(one, { state: 'retrying', runAt: NOW })));
      let taken = 0;
      let calls = 0;
      for (let nextDueAt: number | null = then; nextDueAt === then && calls < 9; calls++) {
        const due = await takeDue(then);
        taken += due.deliveries.length;
        nextDueAt = due.nextDueAt;
      }
      expect(taken).toBe(25);
    });

    test('a delivery that waits for the time of its zone goes on waiting for it', async () => {
      await saveDevices(used.store, 1, { timeZone: 'Europe/Rome' });
      const audience = { kind: 'users', userIds: [there((await saveDevices(used.store, 1))[0]).userId] } as const;
      const zones = [{ timeZone: 'Europe/Rome', runAt: NOW + HOUR_MS }];
      await broadcast(used.store, { audience, now: NOW - 1, runAt: NOW, ttlMs: 2 * DAY_MS }, zones);
      expect(await takeDue(then)).toEqual({ deliveries: [], nextDueAt: NOW + HOUR_MS });
    });

    test('a chunk that was held back is leased after its own hold, and after an hour at most', async () => {
      for (const [heldMs, waitsMs] of [
        [5_000, 5_000],
        [9 * DAY_MS, HOUR_MS],
      ] as const) {
        await used.store.saveDevice(aDeviceAt('push.example.net'));
        await broadcast(used.store, { ttlMs: 20 * DAY_MS });
        const lease = await leaseOne(used.store);
        await used.store.commitPage(
          aPage(lease, [], { isLast: false, leaseMs: null, releaseUntil: NOW + heldMs, cursor: lease.cursor }),
        );
        const request = { leaseMs: MINUTE_MS, limit: 9, exceptOrigins: [] };
        await used.store.leaseChunks({ ...request, now: then });
        expect(await used.store.leaseChunks({ ...request, now: then })).toEqual({ leases: [], nextAt: then + waitsMs });
        const [again] = await leaseAll(used.store, { now: then + waitsMs });
        expect(again?.id).toBe(lease.id);
        await used.store.commitPage(aPage(there(again), [], { cursor: lease.cursor }));
      }
    });

    test('a chunk that was planned, or was leased by a process that died, is leased at once', async () => {
      await used.store.saveDevice(aDeviceAt('push.example.net'));
      await broadcast(used.store, { ttlMs: 2 * DAY_MS });
      for (const now of [then, then - DAY_MS]) {
        // The first call may only find what the second leases.
        const leases = [...(await leaseAll(used.store, { now })), ...(await leaseAll(used.store, { now }))];
        expect(leases).toHaveLength(1);
        await used.store.releaseLeases();
      }
    });

    test('a message that was to go at once is planned at once', async () => {
      const { id } = await queue(used.store);
      await toPlan(used.store, then);
      const [message] = await toPlan(used.store, then);
      expect(message?.runAt).toBe(then);
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'queued', createdAt: NOW });
    });

    test('a message for in 5 s is planned after 5 s, however often one looks', async () => {
      await queue(used.store, { runAt: NOW + 5_000 });
      const look = (now: number) => used.store.messagesToPlan({ now, limit: 9 });
      await look(then);
      expect(await look(then + 1)).toEqual({ messages: [], nextAt: then + 5_000 });
      expect(await look(then + 4_999)).toEqual({ messages: [], nextAt: then + 5_000 });
      expect((await look(then + 5_000)).messages).toHaveLength(1);
    });

    test('a message for in 5 s is planned after 5 s, where the clock is set back twice', async () => {
      await queue(used.store, { runAt: NOW + 5_000 });
      const again = then - stepMs;
      for (const now of [then, again]) await toPlan(used.store, now);
      expect(await toPlan(used.store, again + 4_999)).toEqual([]);
      expect(await toPlan(used.store, again + 5_000)).toHaveLength(1);
    });

    test('a message for a time of day waits for that time', async () => {
      await queue(used.store, { runAt: NOW + 61_000 });
      for (let call = 0; call < 2; call++) {
        expect(await used.store.messagesToPlan({ now: then, limit: 9 })).toEqual({
          messages: [],
          nextAt: NOW + 61_000,
        });
      }
    });
  });

  describe('where only the clock of the process is set back', () => {
    const then = NOW - HOUR_MS;
    beforeEach(() => used.setClock(NOW));

    test('a delivery that waits is due after its own delay', async () => {
      await saveDevices(used.store, 1);
      const [delivery] = await sendNow(used.store, aMessage({ ttlMs: MINUTE_MS }));
      await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5_000 })]);
      await takeDue(then);
      await used.setClock(NOW + 4_999);
      expect(await takeDue(then + 4_999)).toEqual({ deliveries: [], nextDueAt: then + 5_000 });
      await used.setClock(NOW + 5_000);
      expect((await takeDue(then + 5_000)).deliveries).toHaveLength(1);
    });

    test('a chunk that was held back is leased after its own hold', async () => {
      await used.store.saveDevice(aDeviceAt('push.example.net'));
      await broadcast(used.store, { ttlMs: 2 * DAY_MS });
      const lease = await leaseOne(used.store);
      const held = { isLast: false, leaseMs: null, releaseUntil: NOW + 5_000, cursor: lease.cursor };
      await used.store.commitPage(aPage(lease, [], held));
      await leaseAll(used.store, { now: then });
      await used.setClock(NOW + 4_999);
      expect(await leaseAll(used.store, { now: then + 4_999 })).toEqual([]);
      await used.setClock(NOW + 5_000);
      expect(await leaseAll(used.store, { now: then + 5_000 })).toMatchObject([{ id: lease.id }]);
    });

    test('a message for in 5 s is planned after 5 s', async () => {
      await queue(used.store, { runAt: NOW + 5_000 });
      await toPlan(used.store, then);
      await used.setClock(NOW + 4_999);
      expect(await toPlan(used.store, then + 4_999)).toEqual([]);
      await used.setClock(NOW + 5_000);
      expect(await toPlan(used.store, then + 5_000)).toHaveLength(1);
    });
  });

  test('rows that were written by a clock that is a little ahead wait for their time', async () => {
    await saveDevices(used.store, 1);
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5_000 })]);
    for (let call = 0; call < 2; call++) {
      expect(await takeDue(NOW - 1_900)).toEqual({ deliveries: [], nextDueAt: NOW + 5_000 });
    }
  });
}
