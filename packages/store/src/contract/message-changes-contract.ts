import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import type { MessageId } from '../ids.ts';
import type { MessageChange } from '../message.ts';
import {
  aPage,
  broadcast,
  leaseAll,
  leaseOne,
  queue,
  readPage,
  saveDevices,
  sendAll,
  toPlan,
  resultOf,
} from './broadcast.test-data.ts';
import { ended, sendNow, there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Pause, resume, cancel. */
export function messageChangesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  function change({ id }: { readonly id: MessageId }, to: MessageChange) {
    return used.store.changeMessage({ id, change: to, now: NOW + 1 });
  }

  async function statusOf({ id }: { readonly id: MessageId }) {
    const { state, deliveries } = there(await used.store.messageStatus(id));
    return [state, deliveries];
  }

  /** A broadcast to three devices, the first of which has its message. */
  async function halfSent() {
    await saveDevices(used.store, 3);
    const message = await broadcast(used.store);
    const lease = await leaseOne(used.store);
    const page = await readPage(used.store, lease);
    await used.store.commitPage(aPage(lease, page.slice(0, 1), { isLast: false }));
    return { message, lease, page };
  }

  /** A message to all devices of ada, of which each delivery is to be tried again now. */
  async function aRetry() {
    const message = aMessage();
    const deliveries = await sendNow(used.store, message);
    await used.store.recordResults(deliveries.map((one) => ended(one, { state: 'retrying', runAt: NOW })));
    return message;
  }

  describe('pausing', () => {
    for (const [state, runAt] of [
      ['scheduled', NOW + 5],
      ['queued', NOW],
    ] as const) {
      test(`a ${state} message keeps it from being planned until it is resumed`, async () => {
        await saveDevices(used.store, 1);
        const message = await queue(used.store, { runAt });
        const { seq } = there((await toPlan(used.store, NOW + 5))[0]);
        expect(await change(message, 'pause')).toBe('changed');
        expect(await used.store.messagesToPlan({ now: NOW + 5, limit: 5 })).toEqual({ messages: [], nextAt: null });
        expect(await used.store.planMessage({ seq, now: NOW + 5, zones: null })).toBe(false);
        expect(await statusOf(message)).toEqual(['paused', {}]);
        expect(await change(message, 'resume')).toBe('changed');
        expect(await statusOf(message)).toEqual([state, {}]);
        expect(await used.store.planMessage({ seq, now: NOW + 5, zones: null })).toBe(true);
        await sendAll(used.store, NOW + 5);
        expect(await statusOf(message)).toEqual(['done', { accepted: 1 }]);
      });
    }

    test('a broadcast ends its leases with the page in flight, which counts', async () => {
      const { message, lease, page } = await halfSent();
      expect(await change(message, 'pause')).toBe('changed');
      expect(await used.store.commitPage(aPage(lease, page.slice(1, 2), { isLast: false }))).toBe('ended');
      const request = { now: NOW, leaseMs: MINUTE_MS, limit: 5, exceptOrigins: [] };
      expect(await used.store.leaseChunks(request)).toEqual({ leases: [], nextAt: null });
      expect(await statusOf(message)).toEqual(['paused', { accepted: 2 }]);
      await change(message, 'resume');
      expect(await readPage(used.store, await leaseOne(used.store))).toEqual(page.slice(2));
      await used.store.releaseLeases();
      expect(await sendAll(used.store)).toHaveLength(1);
      expect(await statusOf(message)).toEqual(['done', { accepted: 3 }]);
    });

    test('a broadcast whose last page is in flight lets it end', async () => {
      const { message, lease, page } = await halfSent();
      await change(message, 'pause');
      expect(await used.store.commitPage(aPage(lease, page.slice(1)))).toBe('ended');
      expect(await statusOf(message)).toEqual(['done', { accepted: 3 }]);
      expect(await change(message, 'resume')).toBe('unchanged');
    });

    test('lets retries wait, and those of other messages not', async () => {
      await saveDevices(used.store, 1);
      const paused = aMessage();
      const retried = aMessage();
      for (const message of [paused, retried]) {
        const [delivery] = await sendNow(used.store, message);
        await used.store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW })]);
      }
      await change(paused, 'pause');
      const { deliveries, nextDueAt } = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
      expect([deliveries.map(({ message }) => message.id), nextDueAt]).toEqual([[retried.id], null]);
      await change(paused, 'resume');
      const due = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
      expect(due.deliveries.map(({ message }) => message.id)).toEqual([paused.id]);
    });

    test('lets many retries wait, which are there again when it is resumed, also after a restart', async () => {
      await saveDevices(used.store, 3);
      const paused = await Promise.all(Array.from({ length: 40 }, () => aRetry()));
      for (const message of paused) await change(message, 'pause');
      const retried = await aRetry();
      // Each call looks at what is due once, and the retries of others come after at most so many calls.
      const taken: unknown[] = [];
      for (let call = 0; call < 10 && taken.length < 3; call++) {
        const { deliveries } = await used.store.takeDue({ now: NOW, limit: 20, leaseMs: MINUTE_MS });
        taken.push(...deliveries.map(({ message }) => message.id));
      }
      expect(taken).toEqual([retried.id, retried.id, retried.id]);
      await used.reopen();
      await used.store.releaseLeases();
      for (const message of paused) expect(await change(message, 'resume')).toBe('changed');
      const due = await used.store.takeDue({ now: NOW, limit: 200, leaseMs: MINUTE_MS });
      const ofPaused = due.deliveries.filter(({ message }) => message.id !== retried.id);
      expect(ofPaused).toHaveLength(120);
    });

    test('does not keep what is being sent from ending', async () => {
      await saveDevices(used.store, 1);
      const message = aMessage();
      const [delivery] = await sendNow(used.store, message);
      await change(message, 'pause');
      await used.store.recordResults([ended(delivery, { state: 'accepted' })]);
      expect(await statusOf(message)).toEqual(['done', { accepted: 1 }]);
    });
  });

  describe('cancelling', () => {
    test('a message that waits ends it', async () => {
      await saveDevices(used.store, 1);
      const messages = [await queue(used.store), await queue(used.store, { runAt: NOW + 5 }), await queue(used.store)];
      await change(there(messages[2]), 'pause');
      const planned = await toPlan(used.store);
      for (const message of messages) expect(await change(message, 'cancel')).toBe('changed');
      for (const message of messages) expect(await statusOf(message)).toEqual(['cancelled', {}]);
      expect(await toPlan(used.store, NOW + 5)).toEqual([]);
      for (const { seq } of planned) expect(await used.store.planMessage({ seq, now: NOW, zones: null })).toBe(false);
    });

    test('a broadcast ends it with the page in flight, which counts', async () => {
      const { message, lease, page } = await halfSent();
      expect(await change(message, 'cancel')).toBe('changed');
      const [, second] = page;
      const results = [resultOf(second, { state: 'retrying', runAt: NOW })];
      const inFlight = aPage(lease, page.slice(1), { isLast: false, counts: { accepted: 1 }, results });
      expect(await used.store.commitPage(inFlight)).toBe('ended');
      expect(await used.store.commitPage(inFlight)).toBe('lost');
      expect(await statusOf(message)).toEqual(['cancelled', { accepted: 2, cancelled: 1 }]);
      expect(await sendAll(used.store)).toEqual([]);
    });

    test('a broadcast that was given back leaves nothing to take', async () => {
      const { message } = await halfSent();
      await used.store.releaseLeases();
      await change(message, 'cancel');
      expect(await leaseAll(used.store)).toEqual([]);
      expect(await statusOf(message)).toEqual(['cancelled', { accepted: 1 }]);
    });

    test('a message whose requests are under way counts as accepted what the push service takes, and nothing is sent again', async () => {
      await saveDevices(used.store, 4);
      const message = aMessage();
      const [accepted, failed, retrying, silent] = await sendNow(used.store, message);
      await change(message, 'cancel');
      expect(await statusOf(message)).toEqual(['cancelled', { cancelled: 4 }]);
      const results = [
        ended(accepted, { state: 'accepted' }),
        ended(failed, { state: 'rejected' }),
        ended(retrying, { state: 'retrying', runAt: NOW }),
      ];
      for (let i = 0; i < 2; i++) await used.store.recordResults(results);
      expect(await statusOf(message)).toEqual(['cancelled', { accepted: 1, cancelled: 3 }]);
      expect(await used.store.releaseLeases()).toBe(0);
      expect(await sendAll(used.store)).toEqual([]);
      await used.store.recordResults([{ ...ended(silent, { state: 'accepted' }), lease: there(silent).lease + 1 }]);
      expect(await statusOf(message)).toEqual(['cancelled', { accepted: 1, cancelled: 3 }]);
    });

    test('ends deliveries, and what is not accepted changes nothing afterwards', async () => {
      const [device] = await saveDevices(used.store, 1);
      await saveDevices(used.store, 1);
      const message = aMessage();
      const [sending, retrying] = await sendNow(used.store, message);
      await used.store.recordResults([ended(retrying, { state: 'retrying', runAt: NOW })]);
      await change(message, 'cancel');
      expect(await statusOf(message)).toEqual(['cancelled', { cancelled: 2 }]);
      await used.store.recordResults([ended(sending, { state: 'gone', endpoint: there(device).endpoint })]);
      expect(await statusOf(message)).toEqual(['cancelled', { cancelled: 2 }]);
      expect(await sendAll(used.store)).toEqual([]);
      expect(await used.store.releaseLeases()).toBe(0);
    });
  });

  test('a change that is already so, or comes too late, changes nothing', async () => {
    await saveDevices(used.store, 1);
    const done = aMessage({ audience: { kind: 'device', publicId: branded('nobody') } });
    await sendNow(used.store, done);
    for (const to of ['pause', 'resume', 'cancel'] as const) {
      expect(await change(done, to)).toBe('unchanged');
      expect(await change({ id: branded('unknown') }, to)).toBe('unknown-message');
    }
    const running = await broadcast(used.store);
    expect(await change(running, 'resume')).toBe('unchanged');
    await change(running, 'pause');
    expect(await change(running, 'pause')).toBe('unchanged');
    await change(running, 'cancel');
    for (const to of ['pause', 'resume', 'cancel'] as const) expect(await change(running, to)).toBe('unchanged');
    expect(await statusOf(running)).toEqual(['cancelled', {}]);
  });
}
