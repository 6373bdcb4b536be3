import { beforeEach, describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import type { DateCheck } from '../date.ts';
import type { SaveDevice } from '../device.ts';
import { IDEMPOTENCY_MS, MAX_FAILURES } from '../message.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Whether the date can be right, and for how long devices have failed. */
export function dateContract(engine: StoreUnderTest): void {
  const used = useStore(engine);
  beforeEach(() => used.setClock(NOW));

  /** A process starts, or looks again: `steadyNow` is then what it counted itself. */
  async function check(now: number, steadyNow: number | null = null, isConfirmed = false): Promise<DateCheck> {
    await used.setClock(now);
    return await used.store.checkDate({ now, steadyNow, isConfirmed });
  }

  /** Answers the device's state. */
  async function reject(device: SaveDevice, now: number, steadyNow: number) {
    await used.setClock(steadyNow);
    const [delivery] = await sendNow(used.store, aMessage());
    const outcome = { state: 'rejected', endpoint: device.endpoint } as const;
    await used.store.recordResults([{ ...ended(delivery, outcome, now), steadyNow }]);
    return (await used.store.devicesOfUser(device.userId))[0]?.state;
  }

  describe('the date', () => {
    test('is trusted at first, and after a pause of two days', async () => {
      expect(await check(NOW)).toMatchObject({ kind: 'trusted', now: NOW });
      expect(await check(NOW + 2 * DAY_MS)).toMatchObject({ kind: 'trusted', trustedAt: NOW });
    });

    test('is not trusted after more, until somebody confirms it', async () => {
      await check(NOW);
      const later = NOW + 100 * DAY_MS;
      for (const now of [later, later + HOUR_MS]) {
        expect(await check(now)).toMatchObject({ kind: 'jumped', trustedAt: NOW, now });
      }
      await used.reopen();
      expect(await check(later)).toMatchObject({ kind: 'jumped', trustedAt: NOW });
      expect(await check(later, null, true)).toMatchObject({ kind: 'trusted' });
      expect(await check(later + HOUR_MS)).toMatchObject({ kind: 'trusted', trustedAt: later });
    });

    test('is trusted again once it was set right', async () => {
      await check(NOW);
      await check(NOW + 100 * DAY_MS);
      expect(await check(NOW + HOUR_MS)).toMatchObject({ kind: 'trusted', trustedAt: NOW });
    });

    test('is trusted again after it was years behind, as a machine without a battery starts', async () => {
      await check(NOW);
      expect(await check(NOW - 9_000 * DAY_MS)).toMatchObject({ kind: 'behind', trustedAt: NOW });
      expect(await check(NOW + HOUR_MS, NOW - 9_000 * DAY_MS + HOUR_MS)).toMatchObject({ kind: 'trusted' });
    });
  });

  describe('an idempotency key', () => {
    const idempotency = { key: 'order-7', bodyHash: new Uint8Array([1]) };
    const enqueue = async (now: number): Promise<string> => {
      await used.setClock(now);
      return (await used.store.enqueueMessage(aMessage({ now, runAt: now, idempotency }))).outcome;
    };

    test.each([8, 60, 9_000])(
      'that was used while the date was %i days behind is known once it is right',
      async (days) => {
        await check(NOW);
        const wrong = NOW - days * DAY_MS;
        await check(wrong);
        expect(await enqueue(wrong)).toBe('sending');
        await check(NOW + HOUR_MS);
        expect(await enqueue(NOW + HOUR_MS)).toBe('repeated');
      },
    );

    test('is not forgotten because the date jumped', async () => {
      await check(NOW);
      expect(await enqueue(NOW)).toBe('sending');
      const wrong = NOW + 8 * DAY_MS;
      const { steadyNow } = await check(wrong, NOW + HOUR_MS);
      await used.setClock(wrong);
      const repeated = await used.store.enqueueMessage(aMessage({ now: wrong, runAt: wrong, steadyNow, idempotency }));
      expect(repeated.outcome).toBe('repeated');
    });
  });

  test('a ledger that ended while the date was behind is kept for its time once it is right', async () => {
    await check(NOW);
    await used.store.saveDevice(aDevice());
    const wrong = NOW - 60 * DAY_MS;
    await check(wrong);
    const message = aMessage({ now: wrong, runAt: wrong });
    const [delivery] = await sendNow(used.store, message);
    await used.store.recordResults([ended(delivery, { state: 'accepted' }, wrong)]);
    await check(NOW + HOUR_MS);
    await used.store.purge({ steadyNow: NOW + HOUR_MS, keepEndedMs: 7 * DAY_MS, keepGoneMs: 7 * DAY_MS, limit: 100 });
    expect(await used.store.messageStatus(message.id)).toMatchObject({ state: 'done' });
  });

  describe('after a first start a year ahead', () => {
    const wrong = NOW + 365 * DAY_MS;
    const idempotency = { key: 'digest', bodyHash: new Uint8Array([1]) };
    beforeEach(async () => {
      await check(wrong);
      await used.setClock(wrong);
      await used.store.enqueueMessage(aMessage({ now: wrong, runAt: wrong, idempotency }));
    });

    test('the right date is behind until somebody confirms it', async () => {
      for (const now of [NOW, NOW + HOUR_MS]) {
        expect(await check(now)).toMatchObject({ kind: 'behind', trustedAt: wrong, steadyNow: now });
      }
      expect(await check(NOW + HOUR_MS, null, true)).toMatchObject({ kind: 'trusted' });
      expect(await check(NOW + 2 * HOUR_MS)).toMatchObject({ kind: 'trusted', trustedAt: NOW + HOUR_MS });
    });

    test('a key of then is kept for a day after that, and a message for its time', async () => {
      await check(NOW);
      await check(NOW, NOW, true);
      await used.setClock(NOW + IDEMPOTENCY_MS - 1);
      const later = { now: NOW + IDEMPOTENCY_MS - 1, runAt: NOW + IDEMPOTENCY_MS - 1, idempotency };
      expect(await used.store.enqueueMessage(aMessage(later))).toMatchObject({ outcome: 'repeated' });
      const now = NOW + IDEMPOTENCY_MS + 1;
      await used.setClock(now);
      // The key and the message.
      expect(await used.store.purge({ steadyNow: now, keepEndedMs: DAY_MS, keepGoneMs: DAY_MS, limit: 9 })).toBe(2);
      expect(await used.store.enqueueMessage(aMessage({ now, runAt: now, idempotency }))).toMatchObject({
        outcome: 'sending',
      });
    });
  });

  test('a device that fails is not given up for a time that nobody knows to be real', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await check(NOW);
    for (let failure = 1; failure < MAX_FAILURES; failure++) await reject(device, NOW, NOW);
    // The server was off for long, or so the clock says.
    const { steadyNow } = await check(NOW + 1.5 * DAY_MS);
    expect(await reject(device, steadyNow, steadyNow)).toBe('live');
    const next = await check(steadyNow + 0.9 * DAY_MS, steadyNow + 0.9 * DAY_MS);
    expect(await reject(device, next.steadyNow, next.steadyNow)).toBe('live');
    const last = await check(next.steadyNow + 0.2 * DAY_MS, next.steadyNow + 0.2 * DAY_MS);
    expect(await reject(device, last.steadyNow, last.steadyNow)).toBe('gone');
  });

  test('a device that fails three times within a second is not given up because a process set its clock ahead', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await check(NOW);
    await reject(device, NOW, NOW);
    await reject(device, NOW + 500, NOW + 500);
    expect(await reject(device, NOW + 25 * HOUR_MS, NOW + 1_000)).toBe('live');
  });
}
