import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { branded, generateVapidKeys } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, NOW } from './a-device.test-data.ts';
import type { SaveDevice } from './device.ts';
import type { AttemptResult, Delivery } from './message.ts';
import type { OpenStore, Store } from './store.ts';

export interface StoreUnderTest {
  readonly name: string;
  /** Makes room for a store of its own; the function it answers opens that store, again and again. */
  create(): Promise<{ readonly open: OpenStore; readonly writer: WriterProcess; remove(): Promise<void> }>;
}

/** A program that opens the store and saves devices without end, printing each public id once its promise resolved. */
export interface WriterProcess {
  readonly program: URL;
  readonly args: readonly string[];
}

/** What every engine behind the `Store` interface must do. */
export function storeContract(engine: StoreUnderTest): void {
  describe(`the store contract on ${engine.name}`, () => {
    let room: Awaited<ReturnType<StoreUnderTest['create']>>;
    let store: Store;

    beforeEach(async () => {
      room = await engine.create();
      store = await room.open();
    });
    afterEach(async () => {
      await store.close();
      await room.remove();
    });

    async function reopen(): Promise<void> {
      await store.close();
      store = await room.open();
    }

    async function enqueue(user = 'ada', content = '{}'): Promise<readonly Delivery[]> {
      return await store.enqueueMessage({
        id: branded(randomUUID()),
        userId: branded(user),
        content,
        now: NOW,
        expiresAt: NOW + 60_000,
      });
    }

    describe('saving a device', () => {
      test('keeps all that is known of it, across a restart', async () => {
        const device = aDevice({ expirationTime: NOW + 5, sessionId: branded('session-1') });
        const saved = await store.saveDevice(device);
        expect(saved).toEqual({ outcome: 'created', publicId: device.newPublicId, binding: device.newBinding });
        await reopen();
        const { newPublicId, newBinding, newestVapidKey, now, secretHash, ...known } = device;
        expect(await store.devicesOfUser(device.userId)).toEqual([
          { ...known, id: expect.any(Number), publicId: newPublicId, binding: newBinding, state: 'live' },
        ]);
      });

      test('twice makes one device with the same id and binding, and keeps what the second call did not say', async () => {
        const device = aDevice({ timeZone: 'Europe/Rome' });
        const first = await store.saveDevice(device);
        const second = await store.saveDevice({ ...anotherOf(device), timeZone: null, lang: 'it' });
        expect(second).toEqual({ ...first, outcome: 'updated' });
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ timeZone: 'Europe/Rome', lang: 'it' }]);
      });

      test('keeps the VAPID key of an unchanged subscription where the caller does not say it', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        await store.saveDevice({ ...anotherOf(device), vapidPublicKey: null });
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ vapidPublicKey: device.vapidPublicKey }]);
        const renewed = aDevice({ secretHash: device.secretHash, vapidPublicKey: null });
        await store.saveDevice(renewed);
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ vapidPublicKey: renewed.newestVapidKey }]);
      });

      test('many at once gives each a device of its own', async () => {
        const outcomes = await Promise.all(Array.from({ length: 300 }, () => store.saveDevice(aDevice())));
        expect(new Set(outcomes.map((saved) => 'publicId' in saved && saved.publicId)).size).toBe(300);
        expect(await store.devicesOfUser(branded('ada'))).toHaveLength(300);
      });

      test('finds the device again by its secret when the browser made a new subscription', async () => {
        const device = aDevice();
        const first = await store.saveDevice(device);
        const renewed = aDevice({ secretHash: device.secretHash });
        expect(await store.saveDevice(renewed)).toEqual({ ...first, outcome: 'updated' });
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ endpoint: renewed.endpoint, state: 'live' }]);
      });

      test('under the same secret but another worker scope makes another device', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const other = aDevice({ secretHash: device.secretHash, workerScope: 'https://app.example.com/admin/' });
        expect(await store.saveDevice(other)).toMatchObject({ outcome: 'created' });
      });

      test("of another user with the subscription's own keys moves it, under a new binding", async () => {
        const device = aDevice();
        const first = await store.saveDevice(device);
        const moved = { ...anotherOf(device), userId: branded<string, 'UserId'>('bob') };
        expect(await store.saveDevice(moved)).toEqual({ ...first, outcome: 'moved', binding: moved.newBinding });
        expect(await store.devicesOfUser(device.userId)).toEqual([]);
        expect(await store.devicesOfUser(moved.userId)).toMatchObject([{ endpoint: device.endpoint }]);
      });

      test('of another user with other keys is refused, and changes nothing', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const before = await store.devicesOfUser(device.userId);
        const thief = aDevice({ endpoint: device.endpoint, userId: branded('eve') });
        expect(await store.saveDevice(thief)).toEqual({ outcome: 'endpoint-conflict' });
        const halfRight = { ...thief, p256dh: device.p256dh };
        expect(await store.saveDevice(halfRight)).toEqual({ outcome: 'endpoint-conflict' });
        expect(await store.devicesOfUser(device.userId)).toEqual(before);
        expect(await store.devicesOfUser(thief.userId)).toEqual([]);
      });
    });

    describe('removing a device', () => {
      test('forgets it, by endpoint or public id, for its owner or whoever has its secret', async () => {
        for (const by of ['endpoint', 'publicId'] as const) {
          for (const as of ['user', 'secret'] as const) {
            const device = aDevice();
            await store.saveDevice(device);
            const removed = await store.removeDevice({
              device: by === 'endpoint' ? { endpoint: device.endpoint } : { publicId: device.newPublicId },
              owner: as === 'user' ? { userId: device.userId } : { secretHash: device.secretHash ?? randomBytes(32) },
              now: NOW,
            });
            expect(removed).toBe(true);
            expect(await store.devicesOfUser(device.userId)).toEqual([]);
          }
        }
      });

      test('of somebody else does nothing', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        for (const owner of [{ userId: branded<string, 'UserId'>('eve') }, { secretHash: randomBytes(32) }]) {
          expect(await store.removeDevice({ device: { endpoint: device.endpoint }, owner, now: NOW })).toBe(false);
        }
        expect(await store.devicesOfUser(device.userId)).toHaveLength(1);
      });

      test('drops what was on its way to it', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const [delivery] = await enqueue();
        await store.removeDevice({ device: { endpoint: device.endpoint }, owner: device, now: NOW });
        expect(await store.messageStatus(idOf(delivery))).toEqual({ state: 'done', deliveries: { dropped: 1 } });
      });
    });

    describe('a message', () => {
      test('has a delivery for each live device of its user, and for nobody else', async () => {
        const devices = [aDevice(), aDevice(), aDevice({ userId: branded('bob') })];
        for (const device of devices) await store.saveDevice(device);
        const deliveries = await enqueue('ada', '{"title":"Hello"}');
        expect(deliveries.map(({ device }) => device.endpoint)).toEqual([devices[0]?.endpoint, devices[1]?.endpoint]);
        expect(deliveries[0]).toMatchObject({ attempts: 0, message: { content: '{"title":"Hello"}', createdAt: NOW } });
      });

      test('to a user without devices is done at once', async () => {
        const id = branded<string, 'MessageId'>('message-1');
        const message = { id, userId: branded<string, 'UserId'>('nobody'), content: '{}', now: NOW, expiresAt: NOW };
        expect(await store.enqueueMessage(message)).toEqual([]);
        expect(await store.messageStatus(id)).toEqual({ state: 'done', deliveries: {} });
        expect(await store.messageStatus(branded('message-2'))).toBeUndefined();
      });

      test('has a higher number than every message before it', async () => {
        await store.saveDevice(aDevice());
        const seqs: number[] = [];
        for (let i = 0; i < 5; i++) seqs.push((await enqueue())[0]?.message.seq ?? 0);
        await reopen();
        seqs.push((await enqueue())[0]?.message.seq ?? 0);
        expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
      });

      test('is done when its last delivery has ended', async () => {
        await store.saveDevice(aDevice());
        await store.saveDevice(aDevice());
        const [first, second] = await enqueue();
        await store.recordResults([ended(first, { state: 'accepted' })]);
        expect(await store.messageStatus(idOf(first))).toEqual({
          state: 'sending',
          deliveries: { accepted: 1, sending: 1 },
        });
        await store.recordResults([ended(second, { state: 'rejected' })]);
        expect(await store.messageStatus(idOf(first))).toEqual({
          state: 'done',
          deliveries: { accepted: 1, rejected: 1 },
        });
      });
    });

    describe('a delivery', () => {
      test('that waits for another attempt is taken once, when its time has come', async () => {
        await store.saveDevice(aDevice());
        const [delivery] = await enqueue();
        await store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW + 500 })]);
        expect(await store.takeDue({ now: NOW + 499, limit: 10 })).toEqual({ deliveries: [], nextDueAt: NOW + 500 });
        const due = await store.takeDue({ now: NOW + 500, limit: 10 });
        expect(due).toEqual({ deliveries: [{ ...delivery, attempts: 1 }], nextDueAt: null });
        expect(await store.takeDue({ now: NOW + 501, limit: 10 })).toEqual({ deliveries: [], nextDueAt: null });
      });

      test('that was held back has not lost an attempt', async () => {
        await store.saveDevice(aDevice());
        const [delivery] = await enqueue();
        await store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW, isHeld: true })]);
        expect(await store.takeDue({ now: NOW, limit: 10 })).toEqual({ deliveries: [delivery], nextDueAt: null });
      });

      test('is taken with no more than the limit at a time', async () => {
        for (let i = 0; i < 3; i++) await store.saveDevice(aDevice());
        const deliveries = await enqueue();
        await store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'retrying', runAt: NOW })));
        const { deliveries: taken, nextDueAt } = await store.takeDue({ now: NOW, limit: 2 });
        expect([taken.length, nextDueAt]).toEqual([2, NOW]);
      });

      test('that a dead process was sending is due at once after recovery', async () => {
        await store.saveDevice(aDevice());
        const [delivery] = await enqueue();
        await reopen();
        expect(await store.recoverInterrupted()).toBe(1);
        expect((await store.takeDue({ now: NOW, limit: 10 })).deliveries).toEqual([delivery]);
      });

      test('is dropped where the device changed hands meanwhile', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const [delivery] = await enqueue();
        await store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW })]);
        await store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
        expect((await store.takeDue({ now: NOW, limit: 10 })).deliveries).toEqual([]);
        expect(await store.messageStatus(idOf(delivery))).toEqual({ state: 'done', deliveries: { dropped: 1 } });
      });

      test('that comes back gone takes its device out of the audience', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const [delivery] = await enqueue();
        await store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ state: 'gone' }]);
        expect(await enqueue()).toEqual([]);
      });

      test('that comes back gone from an endpoint left behind does not harm the new one', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        const [delivery] = await enqueue();
        await store.saveDevice(aDevice({ secretHash: device.secretHash }));
        await store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
        expect(await store.devicesOfUser(device.userId)).toMatchObject([{ state: 'live' }]);
      });

      test('that comes back gone is live again once its user saves it again, with the same id', async () => {
        const device = aDevice();
        const first = await store.saveDevice(device);
        const [delivery] = await enqueue();
        await store.recordResults([ended(delivery, { state: 'gone', endpoint: device.endpoint })]);
        expect(await store.saveDevice(anotherOf(device))).toEqual({ ...first, outcome: 'updated' });
        expect(await enqueue()).toHaveLength(1);
      });
    });

    describe('a device whose messages are rejected', () => {
      const HOUR_MS = 3_600_000;

      /** A message that comes back after so many hours; answers the device's state. */
      async function send(device: SaveDevice, hours: number, ending: Ending) {
        const [delivery] = await enqueue();
        await store.recordResults([{ ...ended(delivery, ending), now: NOW + hours * HOUR_MS }]);
        return (await store.devicesOfUser(device.userId))[0]?.state;
      }

      async function rejectAt(device: SaveDevice, ...hours: number[]) {
        const states: unknown[] = [];
        for (const hour of hours) {
          states.push(await send(device, hour, { state: 'rejected', endpoint: device.endpoint }));
        }
        return states;
      }

      test('is gone after the third, more than a day after the first', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        expect(await rejectAt(device, 0, 1, 2, 24, 25)).toEqual(['live', 'live', 'live', 'live', 'gone']);
        expect(await enqueue()).toEqual([]);
      });

      test('is not after two, however long it takes', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        expect(await rejectAt(device, 0, 100)).toEqual(['live', 'live']);
      });

      test('begins anew with a message that was accepted', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        await rejectAt(device, 0, 1);
        await send(device, 2, { state: 'accepted' });
        expect(await rejectAt(device, 30, 31)).toEqual(['live', 'live']);
      });

      test('begins anew with a new subscription, and not with the same one', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        await rejectAt(device, 0, 1);
        await store.saveDevice(anotherOf(device));
        expect(await rejectAt(device, 25)).toEqual(['gone']);
        await store.saveDevice(anotherOf(device));
        expect(await rejectAt(device, 26, 27)).toEqual(['live', 'live']);
        const renewed = aDevice({ secretHash: device.secretHash });
        await store.saveDevice(renewed);
        expect(await rejectAt(device, 52, 53, 54)).toEqual(['live', 'live', 'live']);
        expect(await rejectAt(renewed, 55, 56)).toEqual(['live', 'live']);
      });

      test('is never gone where the messages were at fault', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        for (const hours of [0, 20, 40]) expect(await send(device, hours, { state: 'rejected' })).toBe('live');
      });
    });

    describe('VAPID keys', () => {
      test('are made once, however many ask at the same time, and kept', async () => {
        const candidates = Array.from({ length: 5 }, generateVapidKeys);
        const kept = await Promise.all(candidates.map((candidate) => store.ensureVapidKeys({ candidate, now: NOW })));
        expect(new Set(kept.map((keys) => keys.privateKey)).size).toBe(1);
        await reopen();
        expect(await store.vapidKeys()).toEqual([kept[0]]);
      });

      test('in use are those of live devices', async () => {
        const device = aDevice();
        await store.saveDevice(device);
        expect(await store.vapidKeysInUse()).toEqual([device.vapidPublicKey]);
        await store.removeDevice({ device: { endpoint: device.endpoint }, owner: device, now: NOW });
        expect(await store.vapidKeysInUse()).toEqual([]);
      });
    });

    describe('what resolved', () => {
      test('is there after kill -9 of the writing process', async () => {
        await store.close();
        const writer = startWriter(room.writer);
        const printed: string[] = [];
        for await (const line of createInterface({ input: writer.stdout })) {
          printed.push(line);
          if (printed.length === 200) writer.kill('SIGKILL');
        }
        store = await room.open();
        const kept = new Set((await store.devicesOfUser(branded('ada'))).map((device) => device.publicId));
        expect(printed.length).toBeGreaterThanOrEqual(200);
        expect(printed.filter((publicId) => !kept.has(branded(publicId)))).toEqual([]);
      }, 30_000);
    });

    describe('the store itself', () => {
      test('belongs to one owner at a time', async () => {
        await expect(room.open()).rejects.toMatchObject({ code: 'store-in-use' });
      });

      test('finishes what was asked before it closes, and refuses what comes after', async () => {
        const saving = store.saveDevice(aDevice());
        await store.close();
        expect(await saving).toMatchObject({ outcome: 'created' });
        await expect(store.saveDevice(aDevice())).rejects.toMatchObject({ code: 'store-closed' });
      });
    });
  });
}

/** The same subscription, saved again. */
function anotherOf(device: SaveDevice): SaveDevice {
  return { ...device, newPublicId: branded(randomUUID()), newBinding: branded(randomUUID()) };
}

type Ending = AttemptResult extends infer Result
  ? Result extends AttemptResult
    ? Omit<Result, 'seq' | 'deviceId' | 'now'>
    : never
  : never;

function ended(delivery: Delivery | undefined, ending: Ending): AttemptResult {
  if (delivery === undefined) throw new Error('there is no delivery');
  return { seq: delivery.message.seq, deviceId: delivery.device.id, now: NOW, ...ending };
}

function idOf(delivery: Delivery | undefined): Delivery['message']['id'] {
  if (delivery === undefined) throw new Error('there is no delivery');
  return delivery.message.id;
}

function startWriter({ program, args }: WriterProcess) {
  return spawn(process.execPath, ['--conditions=@belfry/source', program.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
