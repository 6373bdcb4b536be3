import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { aDevice, aHash, anotherOf, NOW } from '../a-device.test-data.ts';
import { MINUTE_MS } from '../a-message.test-data.ts';
import type { ChunkLease, LeaseChunks } from '../chunk.ts';
import type { Store } from '../store.ts';
import { there } from './deliveries.test-data.ts';
import { aDeviceAt, aPage, broadcast, leaseAll, leaseOne, readPage, saveDevices } from './broadcast.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const REQUEST = { now: NOW, leaseMs: MINUTE_MS, limit: 100, exceptOrigins: [] } as const;

/** Which chunks are leased, and when. */
export function chunksContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  async function saveAt(...hosts: readonly string[]) {
    for (const host of hosts) await used.store.saveDevice(aDeviceAt(host));
  }

  describe('leasing chunks', () => {
    test('takes one of each push service, those of older messages first', async () => {
      await saveAt('one.example', 'two.example');
      const older = await broadcast(used.store);
      const newer = await broadcast(used.store);
      for (const { id } of [older, newer]) {
        const leases = await leaseAll(used.store);
        expect(leases.map(({ origin, message }) => `${message.id} ${origin}`).toSorted()).toEqual([
          `${id} https://one.example`,
          `${id} https://two.example`,
        ]);
      }
      expect(await used.store.leaseChunks(REQUEST)).toEqual({ leases: [], nextAt: null });
    });

    test('says what sending takes', async () => {
      await saveAt('one.example');
      const message = await broadcast(used.store, { content: '{"a":1}', ttlMs: 700, devicesPerSecond: 2.5 });
      expect(await leaseAll(used.store)).toEqual([
        {
          id: expect.any(Number),
          token: expect.any(Number),
          message: {
            id: message.id,
            seq: expect.any(Number),
            content: '{"a":1}',
            receiptKey: message.receiptKey,
          },
          origin: 'https://one.example',
          cursor: expect.any(Number),
          expiresAt: NOW + 700,
          devicesPerSecond: 2.5,
        },
      ]);
    });

    test('takes no more than the limit, and says when the rest is due', async () => {
      await saveAt('one.example', 'two.example');
      await broadcast(used.store);
      const { leases, nextAt } = await used.store.leaseChunks({ ...REQUEST, limit: 1 });
      expect([leases.length, nextAt]).toEqual([1, NOW]);
      expect(await leaseAll(used.store)).toHaveLength(1);
    });

    test('takes nothing of push services that take nothing now', async () => {
      await saveAt('one.example', 'two.example');
      await broadcast(used.store);
      const exceptOrigins = [branded<string, 'PushServiceOrigin'>('https://one.example')];
      const { leases, nextAt } = await used.store.leaseChunks({ ...REQUEST, exceptOrigins });
      expect([leases.map(({ origin }) => origin), nextAt]).toEqual([['https://two.example'], null]);
    });

    test('takes those of certain push services only, if asked, and says when these have more', async () => {
      await saveAt('one.example', 'two.example', 'three.example');
      await broadcast(used.store);
      await broadcast(used.store);
      const [one, two] = ['https://one.example', 'https://two.example'].map((origin) =>
        branded<string, 'PushServiceOrigin'>(origin),
      );
      const onlyOrigins = [there(one), there(two), branded<string, 'PushServiceOrigin'>('https://unknown.example')];
      const lease = async (change: Partial<LeaseChunks> = {}) => {
        const { leases, nextAt } = await used.store.leaseChunks({ ...REQUEST, onlyOrigins, ...change });
        return [leases.map(({ origin }) => origin).toSorted(), nextAt];
      };
      expect(await lease()).toEqual([[one, two], NOW]);
      expect(await lease({ exceptOrigins: [there(one)] })).toEqual([[two], null]);
      expect(await lease()).toEqual([[one], null]);
      expect(await lease({ onlyOrigins: [] })).toEqual([[], null]);
      expect((await leaseAll(used.store)).map(({ origin }) => origin)).toEqual(['https://three.example']);
    });

    describe('of 300 push services', () => {
      const hosts = Array.from({ length: 300 }, (_, n) => `dead-${n}.example`);

      /** Leases what is due until nothing is due before `until`. */
      async function leaseDue(until: number, limit = 100): Promise<readonly ChunkLease[]> {
        const leases: ChunkLease[] = [];
        for (let now: number | null = NOW; now !== null && now < until; ) {
          const found: Awaited<ReturnType<Store['leaseChunks']>> = await used.store.leaseChunks({
            ...REQUEST,
            now,
            limit,
          });
          leases.push(...found.leases);
          // The server does not ask again at once for what is due and was not given out: the end of a chunk frees that.
          now = found.leases.length === 0 && found.nextAt !== null && found.nextAt <= now ? null : found.nextAt;
        }
        return leases;
      }

      beforeEach(async () => {
        const like = aDevice();
        const devices = hosts.map((host) => ({
          ...anotherOf(like),
          endpoint: branded<string, 'Endpoint'>(`https://${host}/${randomUUID()}`),
          secretHash: aHash(),
        }));
        await Promise.all(devices.map((device) => used.store.saveDevice(device)));
        await broadcast(used.store);
      }, 60_000);

      test('comes to each', async () => {
        const leases = await leaseDue(Number.POSITIVE_INFINITY);
        const origins = leases.map(({ origin }) => origin);
        expect(origins.toSorted()).toEqual(hosts.map((host) => `https://${host}`).toSorted());
      });

      test('finds the one that is due among those that are given back for later', async () => {
        const leases = await leaseDue(Number.POSITIVE_INFINITY);
        // The last of all in the order of names: a store that looks at some of them at a time must come to it.
        const due = 'https://dead-99.example';
        for (const lease of leases) {
          const releaseUntil = lease.origin === due ? NOW : NOW + MINUTE_MS;
          await used.store.commitPage(aPage(lease, [], { isLast: false, leaseMs: null, releaseUntil }));
        }
        expect((await leaseDue(NOW + MINUTE_MS, 1)).map(({ origin }) => origin)).toEqual([due]);
      });
    });

    test('takes nothing before its time', async () => {
      await saveDevices(used.store, 1, { timeZone: 'Europe/Rome' });
      const zones = [{ timeZone: 'Europe/Rome', runAt: NOW + 10 }];
      await broadcast(used.store, {}, zones);
      expect(await used.store.leaseChunks(REQUEST)).toEqual({ leases: [], nextAt: NOW + 10 });
      expect(await leaseAll(used.store, { now: NOW + 10 })).toHaveLength(1);
    });

    test('of a message with a limit on devices per second takes one of each push service at a time', async () => {
      const zones = ['Europe/Paris', 'Europe/Rome'].map((timeZone) => ({ timeZone, runAt: NOW }));
      for (const { timeZone } of zones) await used.store.saveDevice(aDeviceAt('one.example', { timeZone }));
      await used.store.saveDevice(aDeviceAt('two.example', { timeZone: 'Europe/Rome' }));
      const { id } = await broadcast(used.store, { devicesPerSecond: 1 }, zones);
      const { leases, nextAt } = await used.store.leaseChunks(REQUEST);
      expect([leases.map(({ origin }) => origin), nextAt]).toEqual([
        ['https://one.example', 'https://two.example'],
        null,
      ]);
      await broadcast(used.store);
      expect((await leaseAll(used.store)).map(({ message }) => message.id)).not.toContain(id);
    });

    test('ends a message that has expired, whatever its push services take', async () => {
      await saveAt('one.example', 'two.example');
      const { id } = await broadcast(used.store, { ttlMs: 500 });
      const exceptOrigins = [branded<string, 'PushServiceOrigin'>('https://one.example')];
      const lease = await leaseOne(used.store, { exceptOrigins });
      const late = { ...REQUEST, now: NOW + 500, exceptOrigins };
      expect(await used.store.leaseChunks(late)).toEqual({ leases: [], nextAt: null });
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'fanning-out' });
      // What was being sent when it expired is counted.
      await used.store.commitPage(aPage(lease, await readPage(used.store, lease), { now: NOW + 500 }));
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'expired', deliveries: { accepted: 1 } });
    });

    test('ends a message that expired before any of it was sent', async () => {
      await saveAt('one.example');
      const { id } = await broadcast(used.store, { expiresAt: NOW + 1 });
      expect(await leaseAll(used.store, { now: NOW + 1 })).toEqual([]);
      expect(await used.store.messageStatus(id)).toMatchObject({ state: 'expired', deliveries: {} });
    });
  });
}
