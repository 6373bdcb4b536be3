import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { saveDevices } from '../contract/broadcast.test-data.ts';
import { ended, sendNow, there } from '../contract/deliveries.test-data.ts';
import { aReceipt, reportOf } from '../contract/receipts.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { Store } from '../store.ts';
import { countDeadlocks } from './testing/lock-waits.test-data.ts';
import { openClient, untilWaiting } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

describe('two processes on one schema, at the same moment,', () => {
  let room: Awaited<ReturnType<typeof used.room>>;
  let stores: readonly [Store, Store];

  beforeEach(async () => {
    room = await used.room();
    stores = await Promise.all([room.open(), room.open()]);
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await room.remove();
  });

  async function saveDevice(change: Partial<SaveDevice> = {}): Promise<SaveDevice> {
    const device = aDevice(change);
    await stores[0].saveDevice(device);
    return device;
  }

  test('give one new endpoint to one of the devices that subscribe with it', async () => {
    for (let round = 0; round < 20; round++) {
      const devices = await Promise.all(Array.from({ length: 6 }, () => saveDevice()));
      const fresh = aDevice();
      const { endpoint, p256dh, auth } = fresh;
      const outcomes = await Promise.all([
        ...devices.map((device, i) =>
          there(stores[i % 2]).resubscribeDevice(aResubscription(device, { endpoint, p256dh, auth })),
        ),
        stores[1].saveDevice({ ...fresh, userId: branded('bob'), p256dh: devices[0]?.p256dh ?? p256dh }),
      ]);
      expect(outcomes.filter(({ outcome }) => outcome !== 'endpoint-conflict')).toHaveLength(1);
      const holders = [
        ...(await stores[0].devicesOfUser(branded('ada'))),
        ...(await stores[0].devicesOfUser(branded('bob'))),
      ].filter((device) => device.endpoint === endpoint);
      expect(holders).toHaveLength(1);
    }
  });

  test('leave no device for a session that one ends while the other saves', async () => {
    for (let round = 0; round < 30; round++) {
      const sessionId = branded<string, 'SessionId'>(`session-${round}`);
      const devices = Array.from({ length: 4 }, () => aDevice({ sessionId, requestAgeMs: 60_000 }));
      const saves = devices.map((device) => stores[1].saveDevice(device));
      await stores[0].endSession({ sessionId, now: NOW });
      await Promise.all(saves);
      expect((await stores[0].devicesOfUser(branded('ada'))).length).toBe(0);
    }
  });

  test('leave no device for a session, however long the one that ends it is waited for', async () => {
    const sessionId = branded<string, 'SessionId'>('session-slow');
    const kept = await saveDevice({ sessionId });
    let elapsedMs = 0;
    const saving = await room.open({ elapsed: () => elapsedMs });
    await room.setClock?.(NOW);
    const blocker = await openClient(used);
    await blocker.query('BEGIN');
    await blocker.query(`SELECT 1 FROM "${room.schema}".devices WHERE public_id = $1 FOR UPDATE`, [kept.newPublicId]);
    const ending = stores[0].endSession({ sessionId, now: NOW });
    await untilWaiting(blocker);
    // It came a second before the session ended.
    const saved = saving.saveDevice(aDevice({ sessionId, requestAgeMs: 1_000 }));
    await untilWaiting(blocker, 2);
    elapsedMs = 5_000;
    await room.setClock?.(NOW + elapsedMs);
    await blocker.query('COMMIT');
    await blocker.end();
    expect([(await ending).live, await saved]).toEqual([1, { outcome: 'session-ended' }]);
    expect(await stores[0].devicesOfUser(branded('ada'))).toEqual([]);
    await saving.close();
  });

  test('that are told of one new subscription by the page and by the worker keep one device', async () => {
    for (let round = 0; round < 20; round++) {
      const userId = branded<string, 'UserId'>(`user-${round}`);
      const device = await saveDevice({ userId });
      const fresh = aDevice({ userId, secretHash: device.secretHash });
      const { endpoint, p256dh, auth } = fresh;
      const outcomes = await Promise.all([
        stores[0].saveDevice(fresh),
        stores[1].resubscribeDevice(aResubscription(device, { endpoint, p256dh, auth })),
      ]);
      const { newPublicId: publicId, newBinding: binding } = device;
      for (const saved of outcomes) expect(saved).toMatchObject({ outcome: 'updated', publicId, binding });
      expect(await stores[0].devicesOfUser(userId)).toMatchObject([{ publicId, endpoint }]);
    }
  });

  test('keep each receipt of a device once, and the first of a kind in a call', async () => {
    const device = await saveDevice();
    const messages = Array.from({ length: 20 }, () => aMessage());
    for (const message of messages) await sendNow(stores[0], message);
    const receipts = messages.flatMap(({ id }) => [
      aReceipt(device, id, { kind: 'clicked', action: 'first', at: NOW + 1 }),
      aReceipt(device, id, { kind: 'clicked', action: 'second' }),
    ]);
    const reports = [
      reportOf(device, ...receipts),
      reportOf(device, ...messages.map(({ id }) => aReceipt(device, id))),
    ];
    await Promise.all(
      stores.flatMap((store) =>
        reports.flatMap((report) => [
          store.saveReceipts(report),
          store.saveReceipts({
            ...report,
            receipts: report.receipts.filter(({ action }) => action !== 'second').toReversed(),
          }),
        ]),
      ),
    );
    const kept = await used.query(`SELECT kind, action, at::float, count(*)::integer FROM "${room.schema}".receipts
      GROUP BY kind, action, at ORDER BY kind`);
    expect(kept).toEqual([
      { kind: 'clicked', action: 'first', at: NOW, count: 20 },
      { kind: 'shown', action: null, at: NOW, count: 20 },
    ]);
  });

  test('end sessions, record results, move devices and take receipts: nothing fails, or waits in a circle', async () => {
    const before = await countDeadlocks(used);
    for (let round = 0; round < 10; round++) {
      const sessionId = branded<string, 'SessionId'>(`session-${round}`);
      const devices = await saveDevices(stores[0], 8, { sessionId });
      const messages = [aMessage(), aMessage()];
      const deliveries = (await Promise.all(messages.map((message) => sendNow(stores[0], message)))).flat();
      const moved = there(devices[0]);
      await Promise.all([
        ...deliveries.map((delivery, i) =>
          there(stores[i % 2]).recordResults([ended(delivery, { state: 'accepted' })]),
        ),
        ...devices.map((device, i) =>
          there(stores[i % 2]).saveReceipts(reportOf(device, ...messages.map(({ id }) => aReceipt(device, id)))),
        ),
        ...devices.map((device, i) => there(stores[i % 2]).resubscribeDevice(aResubscription(device))),
        stores[0].saveDevice({ ...anotherOf(moved), userId: branded('bob'), sessionId: null }),
        ...stores.map((store) => store.endSession({ sessionId, now: NOW })),
      ]);
      await stores[0].endSession({ sessionId, now: NOW });
      expect(await stores[0].devicesOfUser(branded('ada'))).toEqual([]);
      for (const { id } of messages) expect(await stores[1].messageStatus(id)).toMatchObject({ state: 'done' });
    }
    await Promise.all(stores.map((store) => store.close()));
    expect(await countDeadlocks(used)).toBe(before);
  });
});
