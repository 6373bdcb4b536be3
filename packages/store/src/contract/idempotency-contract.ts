import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage, toUsers } from '../a-message.test-data.ts';
import { type EnqueueMessage, IDEMPOTENCY_MS } from '../message.ts';
import { queue, toPlan } from './broadcast.test-data.ts';
import { sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const IDEMPOTENCY = { key: 'order-7', bodyHash: new Uint8Array([1, 2, 3]) };

/** What a key that comes again does. */
export function idempotencyContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  function withKey(change: Partial<EnqueueMessage> = {}): EnqueueMessage {
    return aMessage({ idempotency: IDEMPOTENCY, ...change });
  }

  test('the same key with the same body is the same message, and makes nothing', async () => {
    for (let i = 0; i < 2; i++) await used.store.saveDevice(aDevice());
    const first = withKey();
    await sendNow(used.store, first);
    const second = withKey({ now: NOW + 1000 });
    expect(await used.store.enqueueMessage(second)).toEqual({ outcome: 'repeated', id: first.id, devices: 2 });
    expect(await used.store.messageStatus(second.id)).toBeUndefined();
    await used.reopen();
    expect(await used.store.enqueueMessage(second)).toEqual({ outcome: 'repeated', id: first.id, devices: 2 });
  });

  test('of a broadcast has no number of devices', async () => {
    const { id } = await queue(used.store, { idempotency: IDEMPOTENCY });
    const second = withKey({ audience: { kind: 'all' } });
    expect(await used.store.enqueueMessage(second)).toEqual({ outcome: 'repeated', id, devices: null });
    expect(await toPlan(used.store)).toHaveLength(1);
  });

  test('the same key with another body is a conflict, and makes nothing', async () => {
    const first = withKey();
    await used.store.enqueueMessage(first);
    const second = withKey({ idempotency: { ...IDEMPOTENCY, bodyHash: new Uint8Array([1, 2, 4]) } });
    expect(await used.store.enqueueMessage(second)).toEqual({ outcome: 'idempotency-conflict' });
    expect(await used.store.messageStatus(second.id)).toBeUndefined();
    expect(await used.store.enqueueMessage(withKey())).toMatchObject({ outcome: 'repeated', id: first.id });
  });

  test('many at the same time make one message', async () => {
    await used.store.saveDevice(aDevice());
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => used.store.enqueueMessage(withKey())));
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => 'repeated'),
      'sending',
    ]);
  });

  test('a key is forgotten after its time', async () => {
    await used.setClock(NOW);
    await used.store.enqueueMessage(withKey());
    await used.setClock(NOW + IDEMPOTENCY_MS - 1);
    const inTime = withKey({ now: NOW + IDEMPOTENCY_MS - 1 });
    expect(await used.store.enqueueMessage(inTime)).toMatchObject({ outcome: 'repeated' });
    await used.setClock(NOW + IDEMPOTENCY_MS);
    const late = withKey({ now: NOW + IDEMPOTENCY_MS, idempotency: { key: 'order-7', bodyHash: new Uint8Array([9]) } });
    expect(await used.store.enqueueMessage(late)).toEqual({ outcome: 'sending', deliveries: [] });
    const again = { ...late, id: branded<string, 'MessageId'>('again'), now: late.now + 1 };
    expect(await used.store.enqueueMessage(again)).toMatchObject({ outcome: 'repeated', id: late.id });
  });

  test('a key outlives the message that it stands for', async () => {
    const first = withKey({ audience: toUsers('nobody') });
    await used.store.enqueueMessage(first);
    await used.store.purge({ steadyNow: NOW, keepEndedMs: -1, keepGoneMs: NOW, limit: 100 });
    expect(await used.store.messageStatus(first.id)).toBeUndefined();
    expect(await used.store.enqueueMessage(withKey())).toEqual({ outcome: 'repeated', id: first.id, devices: null });
  });
}
