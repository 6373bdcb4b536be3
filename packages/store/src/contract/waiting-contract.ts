import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import type { SessionId } from '../ids.ts';
import type { Delivery, EnqueueMessage } from '../message.ts';
import { MAX_DROPPED_AT_ONCE, MAX_WAITING_PER_DEVICE } from '../waiting-deliveries.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const SESSION = branded<string, 'SessionId'>('session-1');
const HOUR_MS = 3_600_000;
/** By how much a device may be beyond its bound. */
const SLACK = 50;

/** What waits for the devices of one user, whose push service never answers, does not stop the others. */
export function waitingContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  /** Messages that each device of ada has waiting, oldest first. */
  async function wait(count: number): Promise<readonly EnqueueMessage[]> {
    const messages = Array.from({ length: count }, () => aMessage({ ttlMs: 24 * HOUR_MS }));
    for (let from = 0; from < count; from += 50) {
      const some = messages.slice(from, from + 50);
      const deliveries = (await Promise.all(some.map((message) => sendNow(used.store, message)))).flat();
      const retrying = { state: 'retrying', runAt: NOW + HOUR_MS } as const;
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, retrying)));
    }
    return messages;
  }

  async function statesOf(messages: readonly EnqueueMessage[]): Promise<Readonly<Record<string, number>>> {
    const states: Record<string, number> = {};
    for (const { id } of messages) {
      const status = there(await used.store.messageStatus(id));
      for (const [state, devices] of Object.entries(status.deliveries)) states[state] = (states[state] ?? 0) + devices;
    }
    return states;
  }

  /** Takes what is due until nothing is, as the retry loop does. */
  async function takeAll(now: number): Promise<Delivery[]> {
    const taken: Delivery[] = [];
    for (;;) {
      const due = await used.store.takeDue({ now, limit: 200, leaseMs: MINUTE_MS });
      taken.push(...due.deliveries);
      if (due.nextDueAt === null || due.nextDueAt > now) return taken;
    }
  }

  async function saveDevices(count: number, sessionId: SessionId | null = SESSION): Promise<void> {
    for (let i = 0; i < count; i++) await used.store.saveDevice(aDevice({ sessionId }));
  }

  test('a session that ends drops a bounded part at once, the rest when it is due, and sends none', async () => {
    await saveDevices(20);
    const messages = await wait(60);
    await used.store.endSession({ sessionId: SESSION, now: NOW });
    const { dropped = 0, retrying = 0 } = await statesOf(messages);
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThanOrEqual(MAX_DROPPED_AT_ONCE);
    expect(dropped + retrying).toBe(1200);
    await used.reopen();
    expect(await takeAll(NOW + HOUR_MS)).toEqual([]);
    expect(await statesOf(messages)).toEqual({ dropped: 1200 });
    expect(await used.store.messageStatus(there(messages[0]).id)).toMatchObject({ state: 'done' });
  });

  test('a device that moves to another user drops a bounded part at once, and the rest reaches nobody', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const messages = await wait(MAX_DROPPED_AT_ONCE + 100);
    await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
    expect(await statesOf(messages)).toEqual({ dropped: MAX_DROPPED_AT_ONCE, retrying: 100 });
    const [toBob] = await sendNow(used.store, aMessage({ audience: toUsers('bob'), ttlMs: 24 * HOUR_MS }));
    await used.store.recordResults([ended(toBob, { state: 'retrying', runAt: NOW + HOUR_MS })]);
    const taken = await takeAll(NOW + HOUR_MS);
    expect(taken.map(({ message }) => message.seq)).toEqual([there(toBob).message.seq]);
    expect(await statesOf(messages)).toEqual({ dropped: MAX_DROPPED_AT_ONCE + 100 });
  });

  test('a device has a bounded number waiting: the oldest are dropped, and those of others stay', async () => {
    await used.store.saveDevice(aDevice({ userId: branded('bob') }));
    const toBob = aMessage({ audience: toUsers('bob'), ttlMs: 24 * HOUR_MS });
    const [bobs] = await sendNow(used.store, toBob);
    await used.store.recordResults([ended(bobs, { state: 'retrying', runAt: NOW + HOUR_MS })]);
    await saveDevices(1);
    const messages = await wait(MAX_WAITING_PER_DEVICE + 3 * SLACK);
    const { retrying = 0, dropped = 0 } = await statesOf(messages);
    expect(retrying).toBeGreaterThanOrEqual(MAX_WAITING_PER_DEVICE);
    expect(retrying).toBeLessThanOrEqual(MAX_WAITING_PER_DEVICE + SLACK);
    // Within a batch, messages are enqueued at the same time, in any order.
    expect(Object.keys(await statesOf(messages.slice(0, dropped - SLACK)))).toEqual(['dropped']);
    expect(Object.keys(await statesOf(messages.slice(dropped + SLACK)))).toEqual(['retrying']);
    expect(await used.store.messageStatus(there(messages[0]).id)).toMatchObject({ state: 'done' });
    expect(await statesOf([toBob])).toEqual({ retrying: 1 });
  });
}
