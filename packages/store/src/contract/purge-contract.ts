import { beforeEach, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { IDEMPOTENCY_MS } from '../message.ts';
import { broadcast, saveDevices, sendAll } from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { Purge } from '../store.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const NOTHING: Omit<Purge, 'steadyNow'> = { keepEndedMs: NOW, keepGoneMs: NOW, limit: 100 };

/** What is deleted, and what is kept. */
export function purgeContract(engine: StoreUnderTest): void {
  const used = useStore(engine);
  beforeEach(() => used.setClock(NOW));

  async function purgeAt(now: number, change: Partial<Purge>): Promise<number> {
    await used.setClock(now);
    return await used.store.purge({ ...NOTHING, steadyNow: now, ...change });
  }

  test('a message that ended goes with its ledger, and one that has not, or later, stays', async () => {
    await saveDevices(used.store, 2);
    const [small, later, running] = [aMessage(), aMessage(), aMessage()];
    for (const [message, now] of [
      [small, NOW],
      [later, NOW + 10],
    ] as const) {
      await used.setClock(now);
      const deliveries = await sendNow(used.store, message);
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' }, now)));
    }
    await used.setClock(NOW);
    await sendNow(used.store, running);
    const large = await broadcast(used.store);
    await sendAll(used.store);
    // Two deliveries and their message, one chunk and its message.
    expect(await purgeAt(NOW + 1, { keepEndedMs: 0 })).toBe(5);
    for (const { id } of [small, large]) expect(await used.store.messageStatus(id)).toBeUndefined();
    expect(await used.store.messageStatus(later.id)).toMatchObject({ state: 'done', deliveries: { accepted: 2 } });
    expect(await used.store.messageStatus(running.id)).toMatchObject({ deliveries: { sending: 2 } });
    expect(await purgeAt(NOW + 1, { keepEndedMs: 0 })).toBe(0);
  });

  test('a call deletes no more than the limit', async () => {
    await saveDevices(used.store, 5);
    const messages = [aMessage(), aMessage()];
    for (const message of messages) {
      const deliveries = await sendNow(used.store, message);
      await used.store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'accepted' })));
    }
    const counts: number[] = [];
    for (let call = 0; call < 4; call++) {
      counts.push(await purgeAt(NOW + 1, { keepEndedMs: 0, limit: 5 }));
    }
    expect(counts).toEqual([5, 5, 2, 0]);
    for (const { id } of messages) expect(await used.store.messageStatus(id)).toBeUndefined();
  });

  test('a device that is gone for long enough goes, and a live one stays', async () => {
    const [gone] = await saveDevices(used.store, 1);
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: there(gone).endpoint })]);
    await saveDevices(used.store, 1);
    expect(await purgeAt(NOW, { keepGoneMs: 0 })).toBe(0);
    expect(await purgeAt(NOW + 1, { keepGoneMs: 0 })).toBe(1);
    expect(await used.store.devicesOfUser(there(gone).userId)).toMatchObject([{ state: 'live' }]);
  });

  test('an idempotency key goes when it is forgotten', async () => {
    await used.store.enqueueMessage(aMessage({ idempotency: { key: 'order-7', bodyHash: new Uint8Array([1]) } }));
    expect(await purgeAt(NOW + IDEMPOTENCY_MS - 1, {})).toBe(0);
    expect(await purgeAt(NOW + IDEMPOTENCY_MS + 1, {})).toBe(1);
  });
}
