import { connect, createServer, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { branded } from '@belfry/protocol';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import { queue } from '../contract/broadcast.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { Store } from '../store.ts';
import type { TakenDelivery } from '../withdrawal.ts';
import type { PostgresEffects } from './effects.ts';
import { postgres } from './postgres.ts';
import { openClient } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();
const SESSION = branded<string, 'SessionId'>('session');

let room: Awaited<ReturnType<typeof used.room>>;
let store: Store;
let device: SaveDevice;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  room = await used.room();
  store = await open(room.open);
  device = aDevice({ sessionId: SESSION });
  await store.saveDevice(device);
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
  await room.remove();
});

async function open(opened: typeof room.open): Promise<Store> {
  const one = await opened();
  cleanUp.push(() => one.close());
  return one;
}

/** Resolves with the first that the store hears of as withdrawn. */
async function listen(to: Store): Promise<{ readonly heard: Promise<unknown> }> {
  const listening = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<unknown>();
  to.onWork(listening.resolve);
  to.onWithdrawal(heard.resolve, () => []);
  await listening.promise;
  return { heard: heard.promise };
}

/** Another transaction has the row of each message locked, as one does that cancels a very large message. */
async function lockMessages(): Promise<Client> {
  const client = await openClient(used);
  cleanUp.push(() => client.end());
  await client.query(`BEGIN; SELECT 1 FROM "${room.schema}".messages FOR UPDATE`);
  return client;
}

describe('while the message is locked that is on its way to the device,', () => {
  test.each<[string, () => Promise<unknown>, object]>([
    ['the end of its session', () => store.endSession({ sessionId: SESSION, now: NOW }), { live: 1 }],
    [
      'a move to another user',
      () => store.saveDevice({ ...anotherOf(device), userId: branded('bob') }),
      { outcome: 'moved' },
    ],
    [
      'its removal',
      () => store.removeDevice({ device: proofOf(device), owner: proofOf(device), now: NOW }),
      { live: 1 },
    ],
    [
      'a device of the same user beyond the limit',
      () => store.saveDevice(aDevice({ limits: { maxDevices: 1, maxPushServices: 1, maxGoneDevices: 1 } })),
      { outcome: 'created' },
    ],
    [
      'a new subscription of another device of the browser',
      async () => {
        const { secretHash } = device;
        const twin = aDevice();
        await store.saveDevice(twin);
        await used.query(`UPDATE "${room.schema}".devices SET secret_hash = $1 WHERE public_id = $2`, [
          secretHash,
          twin.newPublicId,
        ]);
        return store.resubscribeDevice(aResubscription({ ...twin, secretHash }));
      },
      { outcome: 'updated' },
    ],
  ])('%s is told to all processes, and does not fail where nothing can be dropped', async (_what, change, outcome) => {
    const message = aMessage();
    await sendNow(store, message);
    const other = await open(room.open);
    const heard = await Promise.all([listen(store), listen(other)]);
    const client = await lockMessages();

    const changed = change();
    const bindings = [device.newBinding];
    for (const one of heard) expect(await one.heard).toEqual({ messages: [], bindings });
    expect(await changed).toMatchObject({ ...outcome, endedBindings: bindings });

    // What was not dropped is dropped when it is due, and never sent.
    await client.query('COMMIT');
    expect(await store.messageStatus(message.id)).toMatchObject({ deliveries: { sending: 1 } });
    await room.setClock?.(NOW + 60 * MINUTE_MS);
    const due = await other.takeDue({ now: NOW + 60 * MINUTE_MS, limit: 10, leaseMs: MINUTE_MS });
    expect(due).toMatchObject({ deliveries: [] });
    expect(await store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { dropped: 1 } });
  });

  test('what is due for other devices is taken', async () => {
    const bobs = aDevice({ userId: branded('bob') });
    await store.saveDevice(bobs);
    const retrying = { state: 'retrying', runAt: NOW + 1 } as const;
    const [delivery] = await sendNow(store, aMessage());
    await store.recordResults([ended(delivery, retrying)]);
    await lockMessages();
    await store.removeDevice({ device: proofOf(device), owner: proofOf(device), now: NOW });
    const [toBob] = await sendNow(store, aMessage({ audience: toUsers('bob') }));
    await store.recordResults([ended(toBob, retrying)]);

    const { deliveries } = await store.takeDue({ now: NOW + 1, limit: 10, leaseMs: MINUTE_MS });
    expect(deliveries).toMatchObject([{ device: { publicId: bobs.newPublicId } }]);
  });
});

/** A proxy in front of the server. */
interface Proxy {
  readonly url: string;
  /** Breaks the connection of the next COMMIT, after the server has responded and before the client hears of it. */
  breakNextCommit(): void;
  /** Lets nothing pass any more over the connections that there are. */
  freeze(): void;
}

async function openProxy(): Promise<Proxy> {
  const server = new URL(used.server.url);
  const sockets = new Set<Socket>();
  let isBreaking = false;
  const proxy = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    let isOver = false;
    client.on('data', (chunk: Buffer) => {
      isOver ||= isBreaking && chunk.includes('COMMIT\0');
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (!isOver) {
        client.write(chunk);
        return;
      }
      isBreaking = false;
      client.destroy();
      upstream.destroy();
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await once(proxy, 'close');
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = Object.assign(new URL(used.server.url), { hostname: '127.0.0.1', port: String(address.port) });
  return {
    url: url.href,
    breakNextCommit() {
      isBreaking = true;
    },
    freeze() {
      for (const socket of sockets) socket.pause();
    },
  };
}

test.each<[string, (broken: Store, id: string) => Promise<unknown>, (id: string) => unknown, unknown]>([
  [
    'the end of a session',
    (broken) => broken.endSession({ sessionId: SESSION, now: NOW }),
    () => ({ messages: [], bindings: [device.newBinding] }),
    { endedBindings: [], live: 0 },
  ],
  [
    'a cancellation',
    (broken, id) => broken.changeMessage({ id: branded(id), change: 'cancel', now: NOW }),
    (id) => ({ messages: [id], bindings: [] }),
    'unchanged',
  ],
])('%s whose connection breaks in its commit fails, and all processes are told nevertheless', async (...row) => {
  const [, change, withdrawal, again] = row;
  const { id } = await queue(store);
  const { url, breakNextCommit } = await openProxy();
  const proxied = await used.room({ url, listenUrl: used.server.url, schema: room.schema });
  const broken = await open(proxied.open);
  const heard = await Promise.all([listen(store), listen(broken)]);
  breakNextCommit();
  await expect(change(broken, id)).rejects.toMatchObject({ code: 'store-failed' });
  for (const one of heard) expect(await one.heard).toEqual(withdrawal(id));
  expect(await change(broken, id)).toEqual(again);
});

test.each<[string, (proxy: Proxy, look: () => void) => Promise<void>]>([
  [
    'was lost',
    async () => {
      await used.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'");
    },
  ],
  [
    'broke without a word',
    async (proxy, look) => {
      proxy.freeze();
      look();
    },
  ],
])('what is withdrawn while the connection that listens %s is looked up when it is back', async (_how, lose) => {
  await store.close();
  let look: (() => void) | undefined;
  const lost = Promise.withResolvers<() => void>();
  const effects: PostgresEffects = {
    after(delayMs, callback) {
      if (delayMs === 5_000) look = callback;
      if (delayMs === 100) lost.resolve(callback);
      return () => {};
    },
    randomId: () => randomUUID(),
  };
  const proxy = await openProxy();
  const options = { url: used.server.url, listenUrl: proxy.url, schema: room.schema };
  const deaf = await open(postgres(options, effects));
  const listening = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<unknown>();
  const taken: TakenDelivery[] = [];
  deaf.onWork(listening.resolve);
  deaf.onWithdrawal(heard.resolve, () => taken);
  await listening.promise;
  const other = await open(room.open);
  const [kept, cancelled] = [await queue(other), await queue(other)];
  await other.saveDevice(aDevice());
  for (const { id: deviceId, binding } of await other.devicesOfUser(device.userId)) {
    taken.push({ message: kept.id, deviceId, binding }, { message: cancelled.id, deviceId, binding });
  }

  await lose(proxy, () => look?.());
  const reconnect = await lost.promise;
  await other.saveDevice({ ...anotherOf(device), userId: branded('bob') });
  await other.changeMessage({ id: cancelled.id, change: 'cancel', now: NOW });
  reconnect();
  expect(await heard.promise).toEqual({ messages: [cancelled.id], bindings: [device.newBinding] });
});
