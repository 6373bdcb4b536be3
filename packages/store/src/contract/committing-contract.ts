import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { MINUTE_MS } from '../a-message.test-data.ts';
import { type PageResult, STRAGGLER_LEASE } from '../chunk.ts';
import { aPage, broadcast, leaseAll, leaseOne, readPage, saveDevices, resultOf } from './broadcast.test-data.ts';
import { ended, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Committing what came of a page. */
export function committingContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  /** A broadcast to so many devices, leased. */
  async function fanOut(count: number) {
    const devices = await saveDevices(used.store, count);
    const message = await broadcast(used.store);
    const lease = await leaseOne(used.store);
    return { devices, message, lease, page: await readPage(used.store, lease) };
  }

  function statusOf({ id }: { readonly id: Parameters<typeof used.store.messageStatus>[0] }) {
    return used.store.messageStatus(id);
  }

  function takeDue(now: number) {
    return used.store.takeDue({ now, limit: 100, leaseMs: MINUTE_MS });
  }

  describe('committing a page', () => {
    test('moves the cursor and counts, until the last ends the message', async () => {
      const { message, lease, page } = await fanOut(3);
      const first = aPage(lease, page.slice(0, 2), { isLast: false, counts: { accepted: 1, rejected: 1 } });
      expect(await used.store.commitPage(first)).toBe('continues');
      expect(await statusOf(message)).toMatchObject({
        state: 'fanning-out',
        deliveries: { accepted: 1, rejected: 1 },
      });
      expect(await leaseAll(used.store)).toEqual([]);
      expect(await used.store.commitPage(aPage(lease, page.slice(2), { now: NOW + 9 }))).toBe('ended');
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { accepted: 2, rejected: 1 } });
      expect(await used.store.commitPage(aPage(lease, page.slice(2)))).toBe('lost');
      expect(await statusOf(message)).toMatchObject({ deliveries: { accepted: 2, rejected: 1 } });
    });

    test('that gives the chunk back lets it be taken where it was left, from then on', async () => {
      const { message, lease, page } = await fanOut(3);
      const release = { isLast: false, leaseMs: null, releaseUntil: NOW + 70 };
      expect(await used.store.commitPage(aPage(lease, page.slice(0, 1), release))).toBe('ended');
      const request = { now: NOW + 69, leaseMs: MINUTE_MS, limit: 5, exceptOrigins: [] };
      expect(await used.store.leaseChunks(request)).toEqual({ leases: [], nextAt: NOW + 70 });
      const again = await leaseOne(used.store, { now: NOW + 70 });
      expect(again.cursor).toBe(there(page[0]).id);
      expect(await readPage(used.store, again)).toEqual(page.slice(1));
      await used.store.commitPage(aPage(again, page.slice(1)));
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { accepted: 3 } });
    });

    test('of which nothing was sent leaves the cursor where it was', async () => {
      const { message, lease, page } = await fanOut(2);
      const release = { isLast: false, leaseMs: null, counts: {} };
      await used.store.commitPage(aPage(lease, [], release));
      expect(await readPage(used.store, await leaseOne(used.store))).toEqual(page);
      expect(await statusOf(message)).toMatchObject({ deliveries: {} });
    });

    test('keeps what is to be tried again as deliveries, which outlive the chunk', async () => {
      const { message, lease, page } = await fanOut(3);
      const [retried, held] = page;
      const results: readonly PageResult[] = [
        resultOf(retried, { state: 'retrying', runAt: NOW + 5 }),
        resultOf(held, { state: 'retrying', runAt: NOW + 6, isHeld: true }),
      ];
      const outcome = await used.store.commitPage(aPage(lease, page, { counts: { accepted: 1 }, results }));
      expect(outcome).toBe('ended');
      expect(await statusOf(message)).toMatchObject({ state: 'fanning-out', deliveries: { accepted: 1, retrying: 2 } });
      expect(await takeDue(NOW + 4)).toEqual({ deliveries: [], nextDueAt: NOW + 5 });
      const { deliveries } = await takeDue(NOW + 6);
      const common = { message: lease.message, expiresAt: lease.expiresAt, lease: 1 };
      expect(deliveries).toEqual([
        { ...common, device: retried, attempts: 1 },
        { ...common, device: held, attempts: 0 },
      ]);
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' })));
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { accepted: 3 } });
    });

    test('keeps what is still being sent as leased deliveries, whose results are recorded as those of others', async () => {
      const { message, lease, page } = await fanOut(3);
      const [accepted, retried, lost] = page;
      const results = page.map((device) => resultOf(device, { state: 'sending', leaseMs: MINUTE_MS }));
      expect(await used.store.commitPage(aPage(lease, page, { counts: {}, results }))).toBe('ended');
      expect(await statusOf(message)).toMatchObject({ state: 'fanning-out', deliveries: { sending: 3 } });
      expect(await takeDue(NOW + MINUTE_MS - 1)).toEqual({ deliveries: [], nextDueAt: null });
      const result = { seq: lease.message.seq, now: NOW, lease: STRAGGLER_LEASE };
      await used.store.recordResults([
        { ...result, deviceId: there(accepted).id, state: 'accepted' },
        { ...result, deviceId: there(retried).id, state: 'retrying', runAt: NOW + 5 },
      ]);
      expect(await statusOf(message)).toMatchObject({ deliveries: { accepted: 1, retrying: 1, sending: 1 } });
      // Its process has ended.
      await used.store.releaseLeases();
      const { deliveries } = await takeDue(NOW + 5);
      expect(deliveries.map(({ device, attempts }) => ({ id: device.id, attempts }))).toEqual(
        expect.arrayContaining([
          { id: there(retried).id, attempts: 1 },
          { id: there(lost).id, attempts: 0 },
        ]),
      );
      await used.store.recordResults([
        { ...result, deviceId: there(lost).id, state: 'gone', endpoint: there(lost).endpoint },
      ]);
      expect(await statusOf(message)).toMatchObject({ deliveries: { accepted: 1, sending: 2 } });
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' })));
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { accepted: 3 } });
    });

    test('of a message that was cancelled counts what was still being sent, and is taken, as accepted', async () => {
      const { message, lease, page } = await fanOut(2);
      const results = page.map((device) => resultOf(device, { state: 'sending', leaseMs: MINUTE_MS }));
      await used.store.changeMessage({ id: message.id, change: 'cancel', now: NOW });
      await used.store.commitPage(aPage(lease, page, { counts: {}, results }));
      expect(await statusOf(message)).toMatchObject({ deliveries: { cancelled: 2 } });
      const result = { seq: lease.message.seq, now: NOW, lease: STRAGGLER_LEASE, state: 'accepted' } as const;
      await used.store.recordResults([{ ...result, deviceId: there(page[0]).id }]);
      expect(await statusOf(message)).toMatchObject({ state: 'cancelled', deliveries: { accepted: 1, cancelled: 1 } });
    });

    test('drops what is to be tried again at a device that changed hands or went', async () => {
      const { message, lease, page, devices } = await fanOut(2);
      const results = page.map((device) => resultOf(device, { state: 'retrying', runAt: NOW + 5 }));
      const [moved, removed] = devices;
      await used.store.removeDevice({ device: there(removed), owner: there(removed), now: NOW });
      await used.store.saveDevice({ ...anotherOf(there(moved)), userId: branded('bob') });
      await used.store.commitPage(aPage(lease, page, { counts: {}, results }));
      expect(await takeDue(NOW + 5)).toEqual({ deliveries: [], nextDueAt: null });
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { dropped: 2 } });
    });

    test('marks devices that are gone, at the endpoint that answered', async () => {
      const { lease, page, devices } = await fanOut(2);
      const [gone, renewed] = page.map(({ publicId }) =>
        there(devices.find((device) => device.newPublicId === publicId)),
      );
      await used.store.saveDevice(aDevice({ secretHash: there(renewed).secretHash }));
      const results = page.map((device) => resultOf(device, { state: 'gone', endpoint: device.endpoint }));
      await used.store.commitPage(aPage(lease, page, { counts: { gone: 2 }, results }));
      const states = (await used.store.devicesOfUser(branded('ada'))).map(({ publicId, state }) => [publicId, state]);
      expect(new Map(states.map(([publicId, state]) => [publicId, state]))).toEqual(
        new Map([
          [there(gone).newPublicId, 'gone'],
          [there(renewed).newPublicId, 'live'],
        ]),
      );
    });

    test('counts the failures of a device, and clears them with an accepted message', async () => {
      const [device] = await saveDevices(used.store, 1);
      const { endpoint } = there(device);
      const DAY_MS = 24 * 3_600_000;
      async function send(state: 'rejected' | 'accepted', now: number) {
        await used.setClock(now);
        await broadcast(used.store, { now });
        const lease = await leaseOne(used.store, { now });
        const page = await readPage(used.store, lease);
        const results: readonly PageResult[] = page.map((one) =>
          resultOf(one, state === 'rejected' ? { state, endpoint } : { state }),
        );
        await used.store.commitPage(aPage(lease, page, { now, counts: { [state]: page.length }, results }));
        return page.map(({ isFailing }) => isFailing);
      }
      expect(await send('rejected', NOW)).toEqual([false]);
      expect(await send('accepted', NOW + 1)).toEqual([true]);
      expect(await send('rejected', NOW + 2)).toEqual([false]);
      expect(await send('rejected', NOW + 3)).toEqual([true]);
      expect(await send('rejected', NOW + 2 + DAY_MS)).toEqual([true]);
      expect(await used.store.devicesOfUser(branded('ada'))).toMatchObject([{ state: 'live' }]);
      expect(await send('rejected', NOW + 3 + DAY_MS)).toEqual([true]);
      expect(await used.store.devicesOfUser(branded('ada'))).toMatchObject([{ state: 'gone' }]);
    });

    test('takes a device that was in another chunk too, since it moved meanwhile, and keeps its first delivery', async () => {
      const { message, lease, page } = await fanOut(1);
      const results = [resultOf(page[0], { state: 'retrying', runAt: NOW + 5 })];
      await used.store.commitPage(aPage(lease, page, { isLast: false, counts: {}, results }));
      expect(await used.store.commitPage(aPage(lease, page, { counts: {}, results }))).toBe('ended');
      expect((await takeDue(NOW + 5)).deliveries).toHaveLength(1);
      expect(await statusOf(message)).toMatchObject({ deliveries: { sending: 1 } });
    });

    test('changes nothing where a part of it cannot be written', async () => {
      const { message, lease, page } = await fanOut(2);
      const [first, second] = page;
      const { endpoint } = there(first);
      // The second delivery is of no device.
      const results: readonly PageResult[] = [
        resultOf(second, { state: 'gone', endpoint: there(second).endpoint }),
        resultOf(first, { state: 'retrying', runAt: NOW }),
        { ...resultOf(first, { state: 'retrying', runAt: NOW }), deviceId: branded(Number.NaN) },
      ];
      const broken = aPage(lease, page, { counts: { gone: 1 }, results });
      await expect(used.store.commitPage(broken)).rejects.toMatchObject({ code: 'store-failed' });
      expect(await statusOf(message)).toMatchObject({ state: 'fanning-out', deliveries: {} });
      expect(await takeDue(NOW)).toEqual({ deliveries: [], nextDueAt: null });
      expect((await readPage(used.store, lease)).map((device) => device.endpoint)).toContain(endpoint);
      expect(await readPage(used.store, lease)).toEqual(page);
      expect(await used.store.commitPage(aPage(lease, page))).toBe('ended');
      expect(await statusOf(message)).toMatchObject({ state: 'done', deliveries: { accepted: 2 } });
    });
  });
}
