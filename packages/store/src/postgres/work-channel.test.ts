import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { branded } from '@belfry/protocol';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { queue } from '../contract/broadcast.test-data.ts';
import type { StoreRoom } from '../contract/store-under-test.test-data.ts';
import type { Store } from '../store.ts';
import type { Withdrawal } from '../withdrawal.ts';
import type { PostgresEffects } from './effects.ts';
import { postgres } from './postgres.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

describe('work that another process put into the store', () => {
  let room: StoreRoom & { readonly schema: string };
  let store: Store;
  let other: Store;
  let calls = 0;
  let called = Promise.withResolvers<void>();

  beforeEach(async () => {
    room = await used.room();
    [store, other] = await Promise.all([room.open(), room.open()]);
    calls = 0;
    called = Promise.withResolvers();
    store.onWork(() => {
      calls++;
      called.resolve();
    });
    // Once it listens, since it may have missed something before.
    await nextCall();
  });
  afterEach(async () => {
    await Promise.all([store.close(), other.close()]);
    await room.remove();
  });

  async function nextCall(): Promise<void> {
    await called.promise;
    called = Promise.withResolvers();
  }

  /** The connection that listens. */
  async function listening() {
    const [row] = await used.query(
      "SELECT pid, query FROM pg_stat_activity WHERE application_name = 'belfry' AND query LIKE 'LISTEN %'",
    );
    return row;
  }

  test('is told where a message is enqueued that waits, and where one is resumed', async () => {
    const { id } = await queue(other);
    await nextCall();
    await other.changeMessage({ id, change: 'pause', now: NOW });
    await other.changeMessage({ id, change: 'resume', now: NOW });
    await nextCall();
    expect(calls).toBe(3);
  });

  test('what a process has withdrawn is told to all, itself included', async () => {
    const heard = [store, other].map((one) => {
      const ids = new Set<string>();
      const all = Promise.withResolvers<void>();
      const hear = ({ messages, bindings }: Withdrawal): void => {
        for (const withdrawn of [...messages, ...bindings]) ids.add(withdrawn);
        if (ids.size === 202) all.resolve();
      };
      one.onWithdrawal(hear, () => []);
      return { ids, all: all.promise };
    });
    const { id } = await queue(other);
    await other.changeMessage({ id, change: 'cancel', now: NOW });
    const devices = Array.from({ length: 200 }, () => aDevice({ sessionId: branded('session') }));
    for (const device of devices) await other.saveDevice(device);
    await other.endSession({ sessionId: branded('session'), now: NOW });
    const moved = aDevice();
    await other.saveDevice(moved);
    await other.saveDevice({ ...anotherOf(moved), userId: branded('bob') });
    for (const { ids, all } of heard) {
      await all;
      expect(ids).toEqual(new Set([id, ...[...devices, moved].map(({ newBinding }) => newBinding)]));
    }
  });

  test('is told once for a burst, and not to who put it there', async () => {
    const ear = new Client(used.server.url);
    await ear.connect();
    await ear.query(String((await listening())?.['query']));
    let heard = 0;
    ear.on('notification', () => heard++);

    await Promise.all(Array.from({ length: 50 }, () => queue(store)));
    // Whatever is left of the burst is told before it closes.
    await store.close();
    const own = heard;
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(50);
    expect(calls).toBe(1);
    await queue(other);
    await once(ear, 'notification');
    await ear.end();
  });

  test('is told again after the connection that listens was lost', async () => {
    await used.query('SELECT pg_terminate_backend($1)', [(await listening())?.['pid']]);
    await nextCall();
    await queue(other);
    await nextCall();
    expect(calls).toBe(3);
  });

  test('is told again after the database was restarted', async () => {
    await used.server.crash();
    await used.server.recover();
    await nextCall();
    await queue(other);
    await nextCall();
    expect(calls).toBe(3);
  });

  test('is not told any more once the listener was taken back', async () => {
    let others = 0;
    const end = store.onWork(() => others++);
    end();
    await queue(other);
    await nextCall();
    expect(others).toBe(0);
  });
});

test('looks again every five seconds, since a process that died tells nobody', async () => {
  const room = await used.room();
  const looks: (() => void)[] = [];
  const effects: PostgresEffects = {
    after(delayMs, callback) {
      if (delayMs === 5_000) looks.push(callback);
      return () => {};
    },
    randomId: () => randomUUID(),
  };
  const store = await postgres({ url: used.server.url, schema: room.schema }, effects)();
  const listened = Promise.withResolvers<void>();
  let calls = 0;
  store.onWork(() => {
    calls += 1;
    listened.resolve();
  });
  await listened.promise;
  looks.shift()?.();
  looks.shift()?.();
  expect(calls).toBe(3);
  await store.close();
  await room.remove();
});
