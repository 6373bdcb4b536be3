import { setImmediate } from 'node:timers';
import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { aPage, broadcast, leaseOne, readPage } from '../contract/broadcast.test-data.ts';
import { sendNow } from '../contract/deliveries.test-data.ts';
import type { StoreRoom } from '../contract/store-under-test.test-data.ts';
import type { Store } from '../store.ts';
import type { PostgresEffects } from './effects.ts';
import { postgres } from './postgres.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

/** Whoever waits has waited. */
const IMPATIENT: PostgresEffects = {
  after(_delayMs, callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
  randomId: () => 'impatient',
};

/** A server on a busy machine takes longer to restart than whoever waits for it has patience. */
const PATIENT: PostgresEffects = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, 10 * delayMs);
    return () => clearTimeout(timer);
  },
  randomId: () => 'patient',
};

describe('a database that is restarted', () => {
  let room: StoreRoom & { readonly schema: string };
  let store: Store;

  beforeEach(async () => {
    room = await used.room();
    store = await postgres({ url: used.server.url, schema: room.schema }, PATIENT)();
  });
  afterEach(async () => {
    await store.close();
    await room.remove();
  });

  async function restart(): Promise<void> {
    await used.server.crash();
    await used.server.recover();
  }

  /** Resolves when so many of the store's queries wait for a lock. */
  async function untilWaiting(count: number): Promise<void> {
    for (let waiting = 0; waiting < count; ) {
      const rows = await used.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      waiting = rows.length;
    }
  }

  test('has all that was promised before, and goes on', async () => {
    const device = aDevice();
    await store.saveDevice(device);
    const { id } = await broadcast(store);
    const lease = await leaseOne(store);
    await restart();
    const page = await readPage(store, lease);
    expect(page).toMatchObject([{ endpoint: device.endpoint }]);
    expect(await store.commitPage(aPage(lease, page))).toBe('ended');
    expect(await store.messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: 1 } });
  });

  test('is waited for by what is asked while it is down', async () => {
    await store.saveDevice(aDevice());
    await used.server.crash();
    const reading = store.devicesOfUser(branded('ada'));
    const sending = sendNow(store, aMessage());
    await used.server.recover();
    expect(await reading).toHaveLength(1);
    expect(await sending).toHaveLength(1);
  });

  test('fails what may have been committed, and repeats what was not', async () => {
    const user = 'ada';
    await store.saveDevice(aDevice());
    // Held here, both are under way when the server ends: a statement of its own, and a transaction before its commit.
    const holding = used.query(`BEGIN; LOCK TABLE "${room.schema}".devices; SELECT pg_sleep(60)`).catch(() => {});
    await untilLocked();
    const outcomes = Promise.allSettled([store.enqueueMessage(aMessage()), store.saveDevice(aDevice())]);
    await untilWaiting(2);
    await restart();
    await holding;
    const [enqueued, saved] = await outcomes;
    expect(enqueued).toMatchObject({ status: 'rejected', reason: { code: 'store-failed' } });
    expect(saved).toMatchObject({ status: 'fulfilled', value: { outcome: 'created' } });
    expect(await store.devicesOfUser(branded(user))).toHaveLength(2);
  });

  async function untilLocked(): Promise<void> {
    const held = `SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
      AND relation = '"${room.schema}".devices'::regclass`;
    for (let rows = await used.query(held); rows.length === 0; ) rows = await used.query(held);
  }

  test('that stays away fails what is asked, without its url', async () => {
    const impatient = await postgres({ url: used.server.url, schema: room.schema }, IMPATIENT)();
    await used.server.crash();
    const { password } = new URL(used.server.url);
    const asked = [impatient.devicesOfUser(branded('ada')), impatient.saveDevice(aDevice({ now: NOW }))];
    for (const outcome of await Promise.allSettled(asked)) {
      const message = expect.stringMatching(new RegExp(`^(?!.*${password}).*ECONNREFUSED`, 'v'));
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store-failed', message } });
      expect(outcome).not.toHaveProperty('reason.cause');
    }
    await impatient.close();
    await used.server.recover();
    expect(await store.devicesOfUser(branded('ada'))).toEqual([]);
  });
});
