import { branded, type PushRequest } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { CONNECT_TIMEOUT_MS } from '../limits.ts';
import type { UnpreparedRequest } from './push-transport.ts';
import { NEVER, ORIGIN, pushTo, range, startTlsServer, transportTo } from './tls-server.test-data.ts';

/** Requests that are prepared by hand, and those that were asked for. */
function unprepared() {
  const asked: string[] = [];
  const prepared = new Map<string, PromiseWithResolvers<PushRequest>>();
  return {
    asked,
    request: (path: string): UnpreparedRequest => ({
      origin: branded(ORIGIN),
      prepare() {
        asked.push(path);
        const made = Promise.withResolvers<PushRequest>();
        prepared.set(path, made);
        return made.promise;
      },
    }),
    finish: (path: string) => prepared.get(path)?.resolve(pushTo(path)),
    fail: (path: string) => prepared.get(path)?.reject(new RangeError(`${path} is too large`)),
  };
}

test('a request is prepared when there is a connection, and only as many as may be in flight', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const { asked, request, finish } = unprepared();
  const sent = range(50).map((n) => transport.send(request(`/${n}`), NEVER));
  expect([transport.isConnected?.(branded(ORIGIN)), asked]).toEqual([false, []]);
  await expect.poll(() => asked).toEqual(range(32).map((n) => `/${n}`));
  expect(transport.isConnected?.(branded(ORIGIN))).toBe(true);
  for (const n of range(32)) finish(`/${n}`);
  await expect.poll(() => asked).toHaveLength(50);
  for (const n of range(50)) finish(`/${n}`);
  expect(await Promise.all(sent)).toMatchObject(range(50).map(() => ({ status: 201 })));
  expect(server.received).toHaveLength(50);
});

test('what waits for an origin that cannot be reached is never prepared', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server, {
    development: () => undefined,
    lookup: () => {},
  });
  const { asked, request } = unprepared();
  const sent = range(5).map((n) => transport.send(request(`/${n}`), NEVER));
  clock.advance(CONNECT_TIMEOUT_MS);
  expect(await Promise.all(sent)).toEqual(range(5).map(() => ({ kind: 'no-answer', reason: 'timeout' })));
  expect(asked).toEqual([]);
});

test('a request that cannot be prepared rejects, and leaves its place to others', async () => {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 1 } });
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const { asked, request, finish, fail } = unprepared();
  const [wrong, right] = [transport.send(request('/wrong'), NEVER), transport.send(request('/right'), NEVER)];
  await expect.poll(() => asked).toContain('/wrong');
  fail('/wrong');
  await expect(wrong).rejects.toThrow('/wrong is too large');
  await expect.poll(() => asked).toContain('/right');
  finish('/right');
  expect(await right).toHaveProperty('status', 201);
});

test('one that is aborted while it is prepared leaves its place at once, and is not sent', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const { asked, request, finish } = unprepared();
  const stop = new AbortController();
  const aborted = transport.send(request('/aborted'), stop.signal, { userId: 1 });
  await expect.poll(() => asked).toEqual(['/aborted']);
  stop.abort(new Error('no longer wanted'));
  await expect(aborted).rejects.toThrow('no longer wanted');
  finish('/aborted');
  expect(await transport.send(pushTo('/next'), NEVER, { userId: 1 })).toHaveProperty('status', 201);
  expect(server.received.map(({ path }) => path)).toEqual(['/next']);
});

test('one that is prepared when its origin is paused is not sent', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const { asked, request, finish } = unprepared();
  const sent = transport.send(request('/'), NEVER);
  await expect.poll(() => asked).toEqual(['/']);
  transport.pause(branded(ORIGIN), 5000);
  finish('/');
  expect(await sent).toEqual({ kind: 'not-sent', reason: 'paused', retryAfterMs: 5000 });
  expect(server.received).toEqual([]);
});
