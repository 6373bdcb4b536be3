import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { aPage, broadcast, leaseOne, queue, readPage, resultOf, toPlan } from '../contract/broadcast.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import type { Store } from '../store.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const HOUR_MS = 3_600_000;
const used = usePostgres();

interface Process {
  readonly store: Store;
  /** By how much its clock is ahead of PostgreSQL's. */
  readonly aheadMs: number;
}

interface Pair {
  readonly right: Process;
  readonly wrong: Process;
  /** Sets PostgreSQL's clock, and returns the time that the process's clock shows then. */
  at(elapsedMs: number, process: Process): Promise<number>;
}

/** Two processes share one store, which has a device. The clock of one shows the time of PostgreSQL, that of the other does not. */
async function withPair(aheadMs: number, work: (pair: Pair) => Promise<void>): Promise<void> {
  const room = await used.room();
  const [right, wrong] = [await room.open(), await room.open()];
  await room.setClock?.(NOW);
  await right.saveDevice(aDevice());
  await work({
    right: { store: right, aheadMs: 0 },
    wrong: { store: wrong, aheadMs },
    async at(elapsedMs, process) {
      await room.setClock?.(NOW + elapsedMs);
      return NOW + elapsedMs + process.aheadMs;
    },
  });
  await Promise.all([right.close(), wrong.close()]);
  await room.remove();
}

const takeDue = ({ store }: Process, now: number) => store.takeDue({ now, limit: 10, leaseMs: MINUTE_MS });
const leaseChunks = ({ store }: Process, now: number) =>
  store.leaseChunks({ now, limit: 10, leaseMs: MINUTE_MS, exceptOrigins: [] });

describe.each([HOUR_MS, -HOUR_MS])(
  'a process whose clock is %i ms ahead, beside one whose clock is right',
  (aheadMs) => {
    test('a device that fails is tried as often as its back-off says, whichever of the two looks', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        const [first] = await sendNow(right.store, aMessage({ ttlMs: 24 * HOUR_MS }));
        await right.store.recordResults([ended(first, { state: 'retrying', runAt: NOW + 5_000 })]);
        const attempts: number[] = [];
        for (let elapsedMs = 1_000; elapsedMs <= MINUTE_MS; elapsedMs += 1_000) {
          for (const process of [wrong, right]) {
            const now = await at(elapsedMs, process);
            // The first call may only find what the second takes.
            const found = [await takeDue(process, now), await takeDue(process, now)].flatMap((due) => due.deliveries);
            for (const delivery of found) {
              attempts.push(elapsedMs);
              const runAt = now + 5_000 * 2 ** delivery.attempts;
              await process.store.recordResults([ended(delivery, { state: 'retrying', runAt }, now)]);
            }
          }
        }
        expect(attempts).toEqual([5_000, 15_000, 35_000]);
      }));

    test('each learns on its own clock when a delivery of the other is due, and when it ends', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        for (const [one, other] of [
          [right, wrong],
          [wrong, right],
        ] as const) {
          const sentAt = await at(0, one);
          const message = aMessage({ now: sentAt, runAt: sentAt, ttlMs: 5 * MINUTE_MS });
          const [delivery] = await sendNow(one.store, message);
          expect(delivery?.expiresAt).toBe(sentAt + 5 * MINUTE_MS);
          await one.store.recordResults([ended(delivery, { state: 'retrying', runAt: sentAt + 20_000 }, sentAt)]);
          const before = await at(5_000, other);
          expect(await takeDue(other, before)).toEqual({ deliveries: [], nextDueAt: before + 15_000 });
          const due = await at(20_000, other);
          const { deliveries } = await takeDue(other, due);
          expect(deliveries).toMatchObject([{ expiresAt: due + 5 * MINUTE_MS - 20_000 }]);
          await other.store.recordResults(deliveries.map((taken) => ended(taken, { state: 'accepted' }, due)));
        }
      }));

    test('an end that was named as a time is that time on the clock of PostgreSQL', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        const expiresAt = NOW + 10 * MINUTE_MS;
        const [delivery] = await sendNow(right.store, aMessage({ ttlMs: 24 * HOUR_MS, expiresAt }));
        await right.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 5_000 })]);
        const now = await at(5_000, wrong);
        const { deliveries } = await takeDue(wrong, now);
        expect(deliveries).toMatchObject([{ expiresAt: expiresAt + aheadMs }]);
      }));

    test('neither leases a part of a broadcast that the other holds back, nor lets it expire', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        await broadcast(right.store, { ttlMs: 5 * MINUTE_MS });
        let elapsedMs = 0;
        for (const [one, other] of [
          [right, wrong],
          [wrong, right],
        ] as const) {
          const heldAt = await at(elapsedMs, one);
          const lease = await leaseOne(one.store, { now: heldAt });
          expect(lease.expiresAt - heldAt).toBe(5 * MINUTE_MS - elapsedMs);
          const held = {
            now: heldAt,
            isLast: false,
            leaseMs: null,
            releaseUntil: heldAt + 20_000,
            cursor: lease.cursor,
          };
          await one.store.commitPage(aPage(lease, [], held));
          const before = await at(elapsedMs + 5_000, other);
          await leaseChunks(other, before);
          expect(await leaseChunks(other, before)).toEqual({ leases: [], nextAt: before + 15_000 });
          elapsedMs += 20_000;
        }
      }));

    test('a device of a broadcast that one could not reach is tried again after its delay by the other', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        await broadcast(wrong.store, { now: NOW + aheadMs, runAt: NOW + aheadMs, ttlMs: 5 * MINUTE_MS });
        const now = await at(0, wrong);
        const lease = await leaseOne(wrong.store, { now });
        const devices = await readPage(wrong.store, lease);
        const retrying = { ...resultOf(devices[0], { state: 'retrying', runAt: now + 20_000 }), decidedAt: now };
        await wrong.store.commitPage(aPage(lease, devices, { now, counts: {}, results: [retrying] }));
        await takeDue(right, await at(19_999, right));
        expect(await takeDue(right, NOW + 19_999)).toEqual({ deliveries: [], nextDueAt: NOW + 20_000 });
        expect((await takeDue(right, await at(20_000, right))).deliveries).toMatchObject([
          { expiresAt: NOW + 5 * MINUTE_MS },
        ]);
      }));

    test('a message for in 30 s is planned after 30 s, whoever stored it and whoever looks', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        for (const [one, other] of [
          [right, wrong],
          [wrong, right],
        ] as const) {
          const now = await at(0, one);
          await queue(one.store, { now, runAt: now + 30_000 });
          const before = await at(10_000, other);
          await toPlan(other.store, before);
          const found = await other.store.messagesToPlan({ now: before, limit: 10 });
          expect(found).toEqual({ messages: [], nextAt: before + 20_000 });
          const due = await at(30_000, other);
          const [message] = await toPlan(other.store, due);
          await other.store.planMessage({ seq: there(message).seq, now: due, zones: null });
        }
      }));

    test('a message for a time of day is planned when the clock of PostgreSQL shows that time', () =>
      withPair(aheadMs, async ({ right, wrong, at }) => {
        const runAt = NOW + 3 * HOUR_MS;
        for (const { store, aheadMs: ahead } of [right, wrong]) await queue(store, { now: NOW + ahead, runAt });
        for (const process of [right, wrong]) {
          const now = await at(3 * HOUR_MS - 1, process);
          expect(await process.store.messagesToPlan({ now, limit: 10 })).toEqual({ messages: [], nextAt: now + 1 });
        }
        expect(await toPlan(wrong.store, await at(3 * HOUR_MS, wrong))).toHaveLength(2);
      }));
  },
);

test('a message for a time, or with an end, that PostgreSQL’s clock has passed already is still sent', () =>
  withPair(-15 * MINUTE_MS, async ({ right, wrong, at }) => {
    const now = await at(0, wrong);
    const [delivery] = await sendNow(
      wrong.store,
      aMessage({ now, runAt: now, ttlMs: HOUR_MS, expiresAt: now + 10 * MINUTE_MS }),
    );
    expect(delivery?.expiresAt).toBe(now + 10 * MINUTE_MS);
    await queue(wrong.store, { now, runAt: now + 5 * MINUTE_MS, ttlMs: MINUTE_MS });
    expect(await toPlan(right.store, await at(0, right))).toMatchObject([{ runAt: NOW }]);
  }));
