import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { SMALL_AUDIENCE_DEVICES } from '../chunk.ts';
import type { SaveDevice } from '../device.ts';
import { saveDevices, toPlan } from './broadcast.test-data.ts';
import { ended, sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const limits = { maxDevices: 3, maxPushServices: 2, maxGoneDevices: 4 };

/** How many devices and push services a user may have. */
export function deviceLimitsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);
  const at = (path: string, host = 'push.example.net') => branded<string, 'Endpoint'>(`https://${host}/${path}`);

  /** The paths of ada's live devices. */
  async function left(userId: SaveDevice['userId'] = branded('ada')) {
    const devices = await used.store.devicesOfUser(userId);
    return devices.map(({ endpoint }) => new URL(endpoint).pathname.slice(1));
  }

  /** Saves a device at each path, a minute apart. */
  async function save(...paths: string[]): Promise<void> {
    for (const [n, path] of paths.entries()) {
      await used.store.saveDevice(aDevice({ endpoint: at(path), limits, now: NOW + n * 60_000 }));
    }
  }

  test('200 subscriptions of one user, all at once, leave as many as there may be', async () => {
    const first = aDevice({ limits: { ...limits, maxDevices: 50, maxPushServices: 10 } });
    const devices = Array.from({ length: 200 }, (_, n) => ({
      ...anotherOf(first),
      endpoint: branded<string, 'Endpoint'>(`${first.endpoint}?${n}`),
      secretHash: null,
    }));
    await Promise.all(devices.map((device) => used.store.saveDevice(device)));
    expect(await left()).toHaveLength(50);
    await used.store.saveDevice(aDevice({ userId: branded('bob'), limits }));
    expect(await left(branded('bob'))).toHaveLength(1);
  });

  test('the one longest without a sign of life goes first', async () => {
    await save('a', 'b', 'c', 'd');
    expect(await left()).toEqual(['b', 'c', 'd']);
  });

  test('the bindings of all that go are returned', async () => {
    const devices = ['a', 'b', 'c', 'd'].map((path, n) => aDevice({ endpoint: at(path), now: NOW + n }));
    for (const device of devices) await used.store.saveDevice(device);
    const bindingsOf = (gone: typeof devices) => new Set(gone.map(({ newBinding }) => newBinding));
    const saved = await used.store.saveDevice(aDevice({ endpoint: at('e'), limits, now: NOW + 4 }));
    expect('endedBindings' in saved && new Set(saved.endedBindings)).toEqual(bindingsOf(devices.slice(0, 2)));
  });

  test('saving a device again is a sign of life, and removes nobody', async () => {
    const device = aDevice({ endpoint: at('a'), limits });
    await used.store.saveDevice(device);
    await save('b', 'c');
    await used.store.saveDevice({ ...anotherOf(device), now: NOW + 3_600_000 });
    expect(await left()).toEqual(['a', 'b', 'c']);
    await used.store.saveDevice(aDevice({ endpoint: at('d'), limits, now: NOW + 3_600_001 }));
    expect(await left()).toEqual(['a', 'c', 'd']);
  });

  test('what was never accepted goes before what was', async () => {
    await save('a');
    const [delivery] = await sendNow(used.store, aMessage());
    await used.store.recordResults([ended(delivery, { state: 'accepted', endpoint: at('a') })]);
    await save('b', 'c', 'd', 'e');
    expect(await left()).toEqual(['a', 'd', 'e']);
  });

  test('never the one that was just saved, though the others were accepted', async () => {
    await save('a', 'b', 'c');
    const deliveries = await sendNow(used.store, aMessage());
    await used.store.recordResults(
      deliveries.map((delivery) => ended(delivery, { state: 'accepted', endpoint: delivery.device.endpoint })),
    );
    await save('d');
    expect(await left()).toEqual(['b', 'c', 'd']);
  });

  test('a device that moves, or comes back, counts', async () => {
    const moving = aDevice({ endpoint: at('moving'), userId: branded('bob'), limits });
    await used.store.saveDevice(moving);
    await save('a', 'b', 'c');
    await used.store.saveDevice({ ...anotherOf(moving), userId: branded('ada') });
    expect(await left()).toEqual(['moving', 'b', 'c']);
    const gone = aDevice({ endpoint: at('gone'), userId: branded('cyd'), limits });
    await used.store.saveDevice(gone);
    const [delivery] = await sendNow(used.store, aMessage({ audience: { kind: 'users', userIds: [gone.userId] } }));
    await used.store.recordResults([ended(delivery, { state: 'gone', endpoint: gone.endpoint })]);
    for (let n = 0; n < 3; n++) await used.store.saveDevice(aDevice({ userId: branded('cyd'), limits }));
    await used.store.resubscribeDevice(aResubscription(gone, { limits, now: NOW + 1 }));
    expect((await used.store.devicesOfUser(branded('cyd'))).map(({ state }) => state)).toEqual([
      'live',
      'live',
      'live',
    ]);
  });

  test('devices that are gone have a limit too: who fills them up again and again keeps the newest', async () => {
    const gone: SaveDevice[] = [];
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < limits.maxDevices; n++) {
        const device = aDevice({ endpoint: at(`${round}-${n}`), limits, now: NOW + gone.length });
        await used.store.saveDevice(device);
        gone.push(device);
      }
      const deliveries = await sendNow(used.store, aMessage({ id: branded(randomUUID()) }));
      expect(deliveries).toHaveLength(limits.maxDevices);
      await used.store.recordResults(
        deliveries.map((delivery) => ended(delivery, { state: 'gone', endpoint: delivery.device.endpoint })),
      );
    }
    // What became gone since the last save is bounded by the limit of live devices.
    expect((await left()).length).toBeLessThanOrEqual(limits.maxGoneDevices + limits.maxDevices);
    await save('live');
    expect(await left()).toEqual(['2-2', '3-0', '3-1', '3-2', 'live']);
    const [first, last] = [gone.at(0), gone.at(-1)];
    if (!first || !last) throw new Error('there are devices');
    // A worker whose device was kept revives it. One whose device was deleted makes a new one, and with another secret.
    expect(await used.store.resubscribeDevice(aResubscription(last, { limits }))).toMatchObject({ outcome: 'updated' });
    expect(await used.store.resubscribeDevice(aResubscription(first, { limits }))).toEqual({
      outcome: 'unknown-device',
    });
    const again = aDevice({ userId: branded('bob'), secretHash: first.secretHash, limits });
    expect(await used.store.saveDevice(again)).toEqual({ outcome: 'secret-retired' });
  });

  test('no more devices are listed than the caller asks for, and these are the newest', async () => {
    for (const path of ['a', 'b', 'c', 'd']) await used.store.saveDevice(aDevice({ endpoint: at(path) }));
    const listed = await used.store.devicesOfUser(branded('ada'), 2);
    expect(listed.map(({ endpoint }) => endpoint)).toEqual([at('c'), at('d')]);
  });

  test('what was on its way to a device that is removed is dropped', async () => {
    await save('a', 'b', 'c');
    const message = aMessage();
    await sendNow(used.store, message);
    await save('d');
    expect((await used.store.messageStatus(message.id))?.deliveries).toEqual({ sending: 2, dropped: 1 });
  });

  test('push services count too, and the regions of Windows’ are one', async () => {
    const wide = { ...limits, maxDevices: 10 };
    const hosts = [
      'a.push.example',
      'x.notify.windows.com',
      'y.notify.windows.com',
      'z.notify.windows.com',
      'b.push.example',
    ];
    for (const [n, host] of hosts.entries()) {
      await used.store.saveDevice(aDevice({ endpoint: at(host, host), limits: wide, now: NOW + n }));
    }
    expect(await left()).toEqual(hosts.slice(1));
  });

  test('who had far more before there was a limit has them removed save by save', async () => {
    await saveDevices(used.store, 300);
    await used.store.saveDevice(aDevice({ limits }));
    expect(await left()).toHaveLength(101);
    await used.store.saveDevice(aDevice({ limits }));
    expect(await left()).toHaveLength(3);
  });

  test('a message to more devices than are small is planned, and its deliveries are taken page by page', async () => {
    await saveDevices(used.store, SMALL_AUDIENCE_DEVICES + 1);
    const message = aMessage({ id: branded(randomUUID()) });
    expect(await used.store.enqueueMessage(message)).toEqual({ outcome: 'queued' });
    const [planned] = await toPlan(used.store);
    expect(planned).toBeDefined();
    if (planned !== undefined) await used.store.planMessage({ seq: planned.seq, now: NOW, zones: null });
    const pages: number[] = [];
    for (;;) {
      const { deliveries } = await used.store.takeDue({ now: NOW, limit: 200, leaseMs: 60_000 });
      if (deliveries.length === 0) break;
      pages.push(deliveries.length);
    }
    expect(pages).toEqual([200, 200, 101]);
  });

  test('a message to as many devices as are small is sent at once', async () => {
    await saveDevices(used.store, SMALL_AUDIENCE_DEVICES);
    expect(await sendNow(used.store, aMessage())).toHaveLength(SMALL_AUDIENCE_DEVICES);
  });
}
