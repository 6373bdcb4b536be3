import { setImmediate } from 'node:timers/promises';
import { type Store, StoreError } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ADDRESS_REQUESTS_PER_MINUTE,
  BROWSER_REQUESTS_PER_MINUTE,
  MAX_UNPROVEN_PROOFS,
  MAX_WAITING_REFUSALS,
  PASSES_PER_SECOND,
  REFUSALS_PER_SECOND,
  TURN_BURST_MS,
  UNPROVEN_LOOKUPS_PER_SECOND,
} from '../limits.ts';
import { aSecret, type KnownBrowser, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import { createRateLimit } from './limits/rate-limit.ts';
import { createRefusalQueue } from './limits/refusal-queue.ts';

const tooMany = expect.objectContaining({ id: 'too-many-requests', status: 429 });

test('a limit of proven keys keeps a count while 200,000 others ask', () => {
  const limit = createRateLimit({ limit: 2, windowMs: 60_000, clock: new FakeClock() });
  const askOthers = (from: number, to: number): void => {
    for (let i = from; i < to; i++) limit(`other ${i}`);
  };
  limit('ada');
  askOthers(0, 99_000);
  limit('ada');
  askOthers(99_000, 150_000);
  expect(() => limit('ada')).toThrow(tooMany);
  askOthers(150_000, 200_000);
  expect(() => limit('ada')).toThrow(tooMany);
});

describe('the queue of refusals', () => {
  test('lets so many a second go, in turn, and what is beyond its bound at once', async () => {
    const clock = new FakeClock();
    const queue = createRefusalQueue({ clock });
    const gone: number[] = [];
    const waits = Array.from({ length: MAX_WAITING_REFUSALS }, async (_, i) => {
      await queue.wait();
      gone.push(i);
    });
    await queue.wait();
    for (let ms = 0; ms < 1000; ms += 20) {
      clock.advance(20);
      await setImmediate();
    }
    expect(gone).toEqual(Array.from({ length: REFUSALS_PER_SECOND }, (_, i) => i));
    queue.end();
    await Promise.all(waits);
    await queue.wait();
  });
});

/** What the server asks by itself while time passes. */
const LOOPS = new Set(['messagesToPlan', 'takeDue', 'leaseChunks', 'timeZones', 'purge']);

describe('strangers with made-up secrets', () => {
  let server: TestBelfry;
  let calls: string[];
  let browser: KnownBrowser;
  beforeEach(async () => {
    server = await startTestBelfry();
    calls = [];
    const open = sqlite(server.path);
    const store = async (): Promise<Store> => counted(await open());
    await server.restart({ store });
    browser = await subscribeBrowser(server);
    calls.length = 0;
  });
  afterEach(() => server.close());

  /** Writes down which methods are called. */
  function counted(store: Store): Store {
    return new Proxy(store, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (!LOOPS.has(String(name))) calls.push(String(name));
          return Reflect.apply(value, target, args);
        };
      },
    });
  }

  interface Asked {
    readonly route?: string;
    readonly address?: string | undefined;
    readonly body?: object;
  }

  async function ask({ route = 'POST /resubscribe', address, body = {} }: Asked): Promise<Response> {
    const [method = '', path = ''] = route.split(' ');
    const request = new Request(`${ORIGIN}/api/push${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: 'Bearer wrong' },
      ...(method === 'GET' ? {} : { body: JSON.stringify({ ...browser.subscription, ...body }) }),
    });
    return await server.belfry.handle(request, { clientAddress: address });
  }

  const madeUp = () => ({ deviceId: browser.deviceId, deviceSecret: aSecret(), receipts: [] });
  const anAddress = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const statusesOf = async (answers: readonly Promise<Response>[]) =>
    new Set((await server.settled(Promise.all(answers))).map(({ status }) => status));

  test.each(['POST /resubscribe', 'POST /receipts', 'DELETE /subscribe'])(
    'never start a transaction by %s, and a real device is served again a second later',
    async (route) => {
      const answers = Array.from({ length: 2000 }, (_, i) => ask({ route, address: anAddress(i), body: madeUp() }));
      const sent = await server.belfry.notify('nobody', { title: 'x' });
      expect(sent.devices).toBe(0);
      expect(await statusesOf(answers)).toEqual(new Set([route === 'DELETE /subscribe' ? 200 : 404, 429]));
      // Retention asks for the date now and then, whoever is there.
      const byRequests = calls.filter((name) => name !== 'checkDate');
      expect(new Set(byRequests)).toEqual(new Set(['proveDevice', 'enqueueMessage']));
      expect(calls.filter((name) => name === 'proveDevice').length).toBeLessThanOrEqual(UNPROVEN_LOOKUPS_PER_SECOND);

      const { deviceId, deviceSecret } = browser;
      const real = () => ask({ address: '192.0.2.1', body: { deviceId, deviceSecret } });
      const more = Array.from({ length: 200 }, (_, i) => ask({ route, address: anAddress(i), body: madeUp() }));
      await statusesOf(more);
      server.clock.advance(1000);
      expect((await real()).status).toBe(200);
    },
  );

  test.each([
    'POST /resubscribe',
    'POST /receipts',
    'DELETE /subscribe',
    'POST /subscribe',
    'POST /send',
    'GET /public-key',
  ])('of one address are refused by %s before their body is read', async (route) => {
    const flood = route === 'GET /public-key' ? route : 'GET /nothing';
    const times = ADDRESS_REQUESTS_PER_MINUTE + (PASSES_PER_SECOND * TURN_BURST_MS) / 1000;
    for (let i = 0; i < times; i++) await ask({ route: flood, address: '192.0.2.1' });
    calls.length = 0;
    const [method = '', path = ''] = route.split(' ');
    let isRead = false;
    const body = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
    const request = new Request(`${ORIGIN}/api/push${path}`, {
      method,
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      ...(method === 'GET' ? {} : { body, duplex: 'half' }),
    });
    const answer = await server.settled(server.belfry.handle(request, { clientAddress: '192.0.2.1' }));
    expect([answer.status, Number(answer.headers.get('retry-after'))]).toEqual([429, 60]);
    expect([isRead, calls]).toEqual([false, []]);
    expect((await ask({ route: 'GET /public-key', address: '192.0.2.2' })).status).toBe(200);
  });

  test('get the public key from memory', async () => {
    for (let i = 0; i < 100; i++) await ask({ route: 'GET /public-key', address: anAddress(i) });
    expect(calls).toEqual([]);
  });

  test('are no hindrance to users, devices and applications behind their address', async () => {
    const { deviceId, deviceSecret } = browser;
    for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) {
      if (i % 50 === 0) server.clock.advance(1);
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` };
      const body = JSON.stringify({ target: 'nobody', message: { title: 'x' } });
      const send = new Request(`${ORIGIN}/api/push/send`, { method: 'POST', headers, body });
      expect((await server.belfry.handle(send, { clientAddress: '192.0.2.1' })).status).toBe(202);
    }
    for (let i = 0; i < BROWSER_REQUESTS_PER_MINUTE; i++) {
      expect((await ask({ address: '192.0.2.1', body: { deviceId, deviceSecret } })).status).toBe(200);
    }
  });

  test('of 100 addresses, each within its limit, are no hindrance to a device that subscribed or proved itself lately', async () => {
    const { deviceId, deviceSecret } = browser;
    const real = () => ask({ route: 'DELETE /subscribe', address: '192.0.2.1', body: { deviceId, deviceSecret } });
    const strangers: Promise<Response>[] = [];
    let devices = [browser];
    for (let time = 0; time < 10; time++) {
      for (let n = 0; n < 100; n++) strangers.push(ask({ address: anAddress(n), body: madeUp() }));
      devices = [...devices, await subscribeBrowser(server)];
      for (const { deviceId: id, deviceSecret: secret, subscription } of devices) {
        const response = await ask({
          address: '192.0.2.1',
          body: { deviceId: id, deviceSecret: secret, ...subscription },
        });
        expect(response.status).toBe(200);
      }
      server.clock.advance(100);
    }
    expect((await real()).status).toBe(200);
    expect(await (await real()).json()).toMatchObject({ data: { removed: false } });
    expect(await statusesOf(strangers)).toEqual(new Set([404, 429]));
  });

  test('never take the store for themselves, however slow it is', async () => {
    const slow = Promise.withResolvers<undefined>();
    let waiting = 0;
    const open = sqlite(server.path);
    const store = async (): Promise<Store> => {
      const opened = await open();
      return {
        ...opened,
        proveDevice: async (proof) => {
          if (proof.publicId === browser.deviceId) return await opened.proveDevice(proof);
          waiting++;
          return await slow.promise;
        },
      };
    };
    await server.restart({ store });
    const { deviceId, deviceSecret } = browser;
    const real = () => ask({ address: '192.0.2.1', body: { deviceId, deviceSecret } });
    expect((await real()).status).toBe(200);
    const strangers: Promise<Response>[] = [];
    for (let second = 0; second < 5; second++) {
      for (let i = 0; i < 100; i++) {
        strangers.push(ask({ address: anAddress(i), body: { ...madeUp(), deviceId: 'nobody' } }));
      }
      await server.until(async () => true);
      server.clock.advance(1000);
    }
    expect(waiting).toBe(MAX_UNPROVEN_PROOFS);
    expect((await real()).status).toBe(200);
    slow.resolve(undefined);
    expect(await statusesOf(strangers)).toEqual(new Set([404, 429]));
  });

  test('get no help from a known device on 400 connections: its own limit refuses it before it is looked up', async () => {
    const other = await subscribeBrowser(server);
    const flood = () => Array.from({ length: 400 }, () => ask({ address: '192.0.2.1', body: browser }));
    const answers = [...flood(), ...flood()];
    const real = ask({ address: '192.0.2.2', body: { ...other, ...other.subscription } });
    expect((await real).status).toBe(200);
    expect(await statusesOf(answers)).toEqual(new Set([200, 429]));
    expect(calls.filter((name) => name === 'proveDevice').length).toBeLessThanOrEqual(BROWSER_REQUESTS_PER_MINUTE + 1);
    // What was refused counts for the address, and what was served does not.
    const length = BROWSER_REQUESTS_PER_MINUTE + PASSES_PER_SECOND;
    const next = Array.from({ length }, () => ask({ route: 'GET /nothing', address: '192.0.2.1' }));
    expect(await statusesOf(next)).toContain(429);
  });

  test.each(['POST /resubscribe', 'POST /receipts', 'DELETE /subscribe'])(
    'get 503 from %s, not 500, where the store has no connection for them in time',
    async (route) => {
      const open = sqlite(server.path);
      const failure = new StoreError('store-failed', 'PostgreSQL cannot be used: timeout exceeded');
      const store = async (): Promise<Store> => ({ ...(await open()), proveDevice: () => Promise.reject(failure) });
      await server.restart({ store });
      const response = await ask({ route, address: '192.0.2.1', body: madeUp() });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await response.json()).toMatchObject({ error: { id: 'store-unavailable' } });
      expect(server.log.filter((line) => line.includes('store-unavailable'))).toHaveLength(1);
    },
  );

  test('get 429, and leave nothing in the log, where too many changes of their device wait already', async () => {
    const open = sqlite(server.path);
    const failure = new StoreError('store-busy', 'The store has 1000 calls of this kind waiting already');
    const store = async (): Promise<Store> => ({ ...(await open()), resubscribeDevice: () => Promise.reject(failure) });
    await server.restart({ store });
    const { deviceId, deviceSecret } = browser;
    const response = await ask({ address: '192.0.2.1', body: { deviceId, deviceSecret } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect(server.log.filter((line) => line.includes('store-busy'))).toEqual([]);
  });

  test('whose look-ups queue are told to come back', async () => {
    await server.restart({ store: sqlite(server.path) });
    const answers = await server.settled(
      Promise.all(Array.from({ length: 500 }, (_, i) => ask({ address: anAddress(i), body: madeUp() }))),
    );
    expect(answers.filter(({ status }) => status === 429).every(({ headers }) => headers.has('retry-after'))).toBe(
      true,
    );
  });
});

test('a body that comes a byte at a time is given up after five seconds', async () => {
  const server = await startTestBelfry();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (one) => void (controller = one) });
  const request = new Request(`${ORIGIN}/api/push/resubscribe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  });
  const answer = server.belfry.handle(request);
  for (let i = 0; i < 5; i++) {
    controller?.enqueue(Buffer.from(' '));
    await server.until(async () => true);
    server.clock.advance(1000);
  }
  const { status } = await answer;
  expect(status).toBe(408);
  await server.close();
});
