import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { aPage, broadcast, leaseAll, leaseOne, readPage } from '../contract/broadcast.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import { IDEMPOTENCY_MS } from '../message.ts';
import type { Store } from '../store.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const DAY_MS = 24 * 3_600_000;
const used = usePostgres();

test('a process whose clock is 100 days ahead deletes nothing and gives up nobody, where the clock of PostgreSQL is right', async () => {
  const room = await used.room();
  const store = await room.open();
  await room.setClock?.(NOW);
  await store.checkDate({ now: NOW, steadyNow: null, isConfirmed: false });
  const [gone, failing] = [aDevice(), aDevice()];
  for (const device of [gone, failing]) await store.saveDevice(device);

  const wrong = NOW + 100 * DAY_MS;
  const failures = [
    [gone, NOW, { state: 'gone', endpoint: gone.endpoint }],
    ...[NOW, NOW + 1, wrong].map((now) => [failing, now, { state: 'rejected', endpoint: failing.endpoint }] as const),
  ] as const;
  const message = aMessage({ idempotency: { key: 'order-7', bodyHash: new Uint8Array([1]) } });
  for (const [device, now, outcome] of failures) {
    const deliveries = await sendNow(store, outcome.state === 'gone' ? message : aMessage());
    const own = there(deliveries.find((one) => one.device.endpoint === device.endpoint));
    await store.recordResults([{ ...ended(own, outcome, now), steadyNow: now }]);
  }
  await room.setClock?.(NOW + 1_000);
  expect(await store.checkDate({ now: wrong, steadyNow: null, isConfirmed: false })).toMatchObject({
    kind: 'trusted',
    now: NOW + 1_000,
  });
  const rows = { keepEndedMs: 30 * DAY_MS, keepGoneMs: 90 * DAY_MS, limit: 100 };
  expect(await store.purge({ ...rows, steadyNow: wrong })).toBe(0);
  const states = new Map((await store.devicesOfUser(gone.userId)).map(({ endpoint, state }) => [endpoint, state]));
  expect(Object.fromEntries(states)).toEqual({ [gone.endpoint]: 'gone', [failing.endpoint]: 'live' });
  const late = { ...message, id: aMessage().id, now: NOW + IDEMPOTENCY_MS + 1, runAt: NOW + IDEMPOTENCY_MS + 1 };
  expect(await store.enqueueMessage(late)).toMatchObject({ outcome: 'repeated', id: message.id });
  await store.close();
  await room.remove();
});

test('a chunk that a process leased whose clock was ahead is leased again once that process has died', async () => {
  const room = await used.room();
  const [ahead, right] = [await room.open(), await room.open()];
  await room.setClock?.(NOW);
  await ahead.saveDevice(aDevice());
  const aheadAt = NOW + 25 * 3_600_000;
  await broadcast(ahead, { now: aheadAt, runAt: aheadAt, ttlMs: DAY_MS });
  const lease = await leaseOne(ahead, { now: aheadAt });

  const later = NOW + MINUTE_MS + 1;
  await room.setClock?.(later);
  const [again] = await leaseAll(right, { now: later });
  expect(again?.id).toBe(lease.id);
  const devices = await readPage(right, there(again));
  expect(await right.commitPage(aPage(there(again), devices, { now: later }))).toBe('ended');
  await Promise.all([ahead.close(), right.close()]);
  await room.remove();
});

/** A process whose clock is so many days ahead, and one whose clock is right, do the same by turns, once a minute. */
async function byTurns(
  days: number,
  { begin, turn }: { begin(store: Store): Promise<void>; turn(store: Store, now: number): Promise<void> },
): Promise<void> {
  const room = await used.room();
  const [right, wrong] = [await room.open(), await room.open()];
  await right.saveDevice(aDevice());
  await room.setClock?.(NOW);
  await begin(right);
  for (let minute = 1; minute <= 12; minute++) {
    const now = NOW + minute * MINUTE_MS;
    await room.setClock?.(now);
    await turn(wrong, now + days * DAY_MS);
    await turn(right, now);
  }
  await Promise.all([right.close(), wrong.close()]);
  await room.remove();
}

describe.each([3, -3])('a process whose clock is %i days ahead, beside one whose clock is right', (days) => {
  const ttlMs = 28 * DAY_MS;

  test('takes nothing from the TTL of what both try by turns', async () => {
    let expiresAt = 0;
    await byTurns(days, {
      async begin(store) {
        const [first] = await sendNow(store, aMessage({ ttlMs }));
        await store.recordResults([ended(first, { state: 'retrying', runAt: NOW, isHeld: true }, NOW)]);
      },
      async turn(store, now) {
        // The first call may only find what the second takes.
        const request = { now, limit: 10, leaseMs: MINUTE_MS };
        const deliveries = [await store.takeDue(request), await store.takeDue(request)].flatMap(
          (due) => due.deliveries,
        );
        await store.recordResults(
          deliveries.map((one) => ended(one, { state: 'retrying', runAt: now, isHeld: true }, now)),
        );
        expiresAt = deliveries[0]?.expiresAt ?? expiresAt;
      },
    });
    expect(expiresAt).toBe(NOW + ttlMs);
  });

  test('takes nothing from the TTL of what both hold by turns of a broadcast', async () => {
    let expiresAt = 0;
    await byTurns(days, {
      async begin(store) {
        await broadcast(store, { ttlMs });
      },
      async turn(store, now) {
        for (const lease of [...(await leaseAll(store, { now })), ...(await leaseAll(store, { now }))]) {
          expiresAt = lease.expiresAt;
          const { cursor } = lease;
          await store.commitPage(aPage(lease, [], { now, isLast: false, leaseMs: null, releaseUntil: now, cursor }));
        }
      },
    });
    expect(expiresAt).toBe(NOW + ttlMs);
  });
});

test('a session that ended may begin again where the clock of PostgreSQL was set back meanwhile', async () => {
  const room = await used.room();
  const store = await room.open();
  await room.setClock?.(NOW);
  const sessionId = branded<string, 'SessionId'>('session-1');
  await store.saveDevice(aDevice({ sessionId }));
  await store.endSession({ sessionId, now: NOW });
  await room.setClock?.(NOW - 3_600_000);
  expect(await store.saveDevice(aDevice({ sessionId }))).toMatchObject({ outcome: 'created' });
  await store.close();
  await room.remove();
});

test('what a process had under way that died is taken after its lease, where the clock of PostgreSQL was set back meanwhile', async () => {
  const room = await used.room();
  const [dead, right] = [await room.open(), await room.open()];
  await room.setClock?.(NOW);
  await dead.saveDevice(aDevice());
  await sendNow(dead, aMessage());
  await broadcast(dead);
  const lease = await leaseOne(dead);

  const then = NOW - 3_600_000;
  await room.setClock?.(then);
  const request = { now: NOW, limit: 10, leaseMs: MINUTE_MS };
  expect((await right.takeDue(request)).deliveries).toEqual([]);
  expect(await leaseAll(right)).toEqual([]);
  await room.setClock?.(then + MINUTE_MS + 1);
  expect((await right.takeDue(request)).deliveries).toHaveLength(1);
  expect(await leaseAll(right)).toMatchObject([{ id: lease.id }]);

  // It runs, and finds its own lease cut where the clock is set back once more, also where the first try fails.
  await room.setClock?.(then - 3_600_000);
  await used.query(`
    CREATE FUNCTION ${room.schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a fault'; END $$;
    CREATE TRIGGER fail BEFORE UPDATE ON ${room.schema}.chunks FOR EACH ROW EXECUTE FUNCTION ${room.schema}.fail()`);
  await expect(leaseAll(right)).rejects.toMatchObject({ name: 'StoreError' });
  await used.query(`DROP FUNCTION ${room.schema}.fail CASCADE`);
  await leaseAll(right);
  await room.setClock?.(then - 3_600_000 + MINUTE_MS + 1);
  expect(await leaseAll(right)).toMatchObject([{ id: lease.id }]);
  await Promise.all([dead.close(), right.close()]);
  await room.remove();
});
