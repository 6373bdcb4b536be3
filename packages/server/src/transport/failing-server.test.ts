import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { selfSigned } from './self-signed.test-data.ts';
import {
  type Exchange,
  listenUntilTestEnds,
  NEVER,
  ORIGIN,
  pushTo,
  range,
  startTlsServer,
  transportTo,
} from './tls-server.test-data.ts';

const BROKEN = { kind: 'no-answer', reason: 'connection' };
const TIMEOUT = { kind: 'no-answer', reason: 'timeout' };

function streamOf({ request }: Exchange): ServerHttp2Stream {
  if (!('stream' in request)) throw new TypeError('it came over HTTP/2');
  return request.stream;
}

/** Listens, and does no more than `onSocket` does; counts those who tried. */
async function startSilentServer(onSocket: (socket: Socket) => void = () => {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
    onSocket(socket);
  });
  const port = await listenUntilTestEnds(server, sockets);
  return { port, certificate: '', sockets, connected: () => once(server, 'connection') };
}

test('what a server that shuts down has not processed is sent again at once, and the rest is not', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const first = transport.send(pushTo('/processed'), NEVER);
  const processed = await server.request(0);
  const others = Promise.all(range(5).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  await server.request(5);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const { id = 0, session } = streamOf(processed);
  session?.goaway(constants.NGHTTP2_NO_ERROR, id);
  expect(await others).toMatchObject(range(5).map(() => ({ status: 201 })));
  processed.response.writeHead(201).end();
  expect(await first).toHaveProperty('status', 201);
  expect(server.connections).toBe(2);
  expect(server.received.filter(({ path }) => path === '/processed')).toHaveLength(1);
});

test('a GOAWAY with an error ends what it had processed without an answer, and repeats the rest', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const sent = ['/processed', '/not'].map((path) => transport.send(pushTo(path), NEVER));
  const first = await server.request(0);
  await server.request(1);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const { id = 0, session } = streamOf(first);
  session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, id);
  expect(await Promise.all(sent)).toMatchObject([BROKEN, { status: 201 }]);
});

test('a refused stream is sent again, the second time over another connection, and not for ever', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const refuse = (exchange: Exchange): void => streamOf(exchange).close(constants.NGHTTP2_REFUSED_STREAM);
  server.onRequest = (exchange) =>
    server.received.length < 3 ? refuse(exchange) : exchange.response.writeHead(201).end();
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
  expect([server.received.length, server.connections]).toEqual([3, 2]);
  server.onRequest = refuse;
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(BROKEN);
  expect(server.received.length).toBe(6);
});

test.each([
  ['resets the stream', (exchange: Exchange) => streamOf(exchange).close(constants.NGHTTP2_INTERNAL_ERROR)],
  ['cancels the stream', (exchange: Exchange) => streamOf(exchange).close(constants.NGHTTP2_CANCEL)],
  ['ends the connection', (exchange: Exchange) => streamOf(exchange).session?.destroy()],
])('a server that %s may have taken the message: it is not sent again', async (_what, fail) => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  server.onRequest = fail;
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(BROKEN);
  expect(server.received).toHaveLength(1);
});

test('a server that lets no stream in any more is asked over another connection', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  await transport.send(pushTo('/'), NEVER);
  for (const session of server.sessions) session.settings({ maxConcurrentStreams: 0 });
  await server.quiet();
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
});

test('a silent request is given up after 30 s, and what comes next has a connection of its own', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  const silent = transport.send(pushTo('/'), NEVER);
  await server.request(0);
  clock.advance(29_999);
  clock.advance(1);
  expect(await silent).toEqual(TIMEOUT);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
  expect(server.connections).toBe(2);
});

test('an answer whose body stalls is one when the time is over', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  const written = Promise.withResolvers<void>();
  server.onRequest = ({ response }) => void response.writeHead(404).write('no such', () => written.resolve());
  const sent = transport.send(pushTo('/'), NEVER);
  const settled = sent.then(() => true);
  await written.promise;
  // Until the client has read the headers, time does not pass.
  while (!(await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, false))]))) {
    const [session] = server.sessions;
    await new Promise((resolve) => session?.ping(resolve));
    clock.advance(30_000);
  }
  expect(await sent).toMatchObject({ kind: 'answer', status: 404 });
});

const { certificate, key } = await selfSigned(['push.example.net']);

test.each([
  ['accepts and is silent', (socket: Socket) => void socket.resume()],
  [
    'is silent behind TLS',
    (socket: Socket) => {
      const server = createTlsServer({ cert: certificate, key, ALPNProtocols: ['h2'] });
      server.on('secureConnection', (secure) => secure.on('error', () => {}));
      server.emit('connection', socket);
    },
  ],
])('a server that %s has 10 s to be connected to', async (_what, onSocket) => {
  const server = await startSilentServer(onSocket);
  const { transport, clock } = transportTo({ ...server, certificate });
  const connected = server.connected();
  const sent = range(3).map((n) => transport.send(pushTo(`/${n}`), NEVER));
  await connected;
  clock.advance(10_000);
  expect(await Promise.all(sent)).toEqual([TIMEOUT, TIMEOUT, TIMEOUT]);
  while (clock.timers > 0) await new Promise(setImmediate);
});

test('an origin that fails three times is left alone, and one push finds out whether it is back', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  server.onRequest = (exchange) => exchange.request.socket.destroy();
  const send = () => transport.send(pushTo('/'), NEVER);
  for (const n of range(3)) expect([n, await send()]).toEqual([n, BROKEN]);
  const notSent = (inMs: number) => ({ kind: 'not-sent', reason: 'circuit-open', retryAfterMs: inMs });
  expect(await send()).toEqual(notSent(1000));
  clock.advance(1000);
  const probe = send();
  expect(await send()).toEqual(notSent(1000));
  expect(await probe).toEqual(BROKEN);
  expect(await send()).toEqual(notSent(2000));
  clock.advance(2000);
  server.onRequest = ({ response }) => void response.writeHead(503).end();
  expect(await send()).toHaveProperty('status', 503);
  expect(await send()).toHaveProperty('status', 503);
  expect(server.received).toHaveLength(6);
});

test('a probe that waits for its connection is not answered by the failure of an earlier push', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  const early = transport.send(pushTo('/early'), NEVER);
  const exchange = await server.request(0);
  server.onRequest = (failing) => streamOf(failing).close(constants.NGHTTP2_INTERNAL_ERROR);
  for (const n of range(3)) expect(await transport.send(pushTo(`/${n}`), NEVER)).toEqual(BROKEN);
  clock.advance(1000);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  const [connection] = server.sockets;
  streamOf(exchange).session?.goaway();
  // Its answer tells that the client has the GOAWAY: a push from now on needs another connection.
  await new Promise((resolve) => streamOf(exchange).session?.ping(resolve));
  const probe = transport.send(pushTo('/probe'), NEVER);
  connection?.destroy();
  expect(await early).toEqual(BROKEN);
  expect(await probe).toHaveProperty('status', 201);
});

test('a probe that is aborted leaves it to the next push', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  server.onRequest = (exchange) => exchange.request.socket.destroy();
  for (const n of range(3)) await transport.send(pushTo(`/${n}`), NEVER);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  clock.advance(1000);
  const stop = new AbortController();
  const probe = transport.send(pushTo('/'), stop.signal);
  stop.abort(new Error('no longer wanted'));
  await expect(probe).rejects.toThrow('no longer wanted');
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
});

test('what waits for an origin that cannot be reached is answered when its circuit opens', async () => {
  const server = await startSilentServer((socket) => socket.destroy());
  const { transport } = transportTo(server);
  const answers = await Promise.all(range(200).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  const count = (kind: string): number => answers.filter((answer) => answer.kind === kind).length;
  expect({ noAnswer: count('no-answer'), notSent: count('not-sent') }).toEqual({ noAnswer: 96, notSent: 104 });
  expect(server.sockets.size).toBe(3);
});

test('a connection that ends with many requests is one failure, not as many', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const sent = Promise.all(range(10).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  await server.request(9);
  for (const socket of server.sockets) socket.destroy();
  expect(await sent).toEqual(range(10).map(() => BROKEN));
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
});

test('a silent origin does not hold up another', async () => {
  const [silent, healthy] = [await startSilentServer(), await startTlsServer()];
  healthy.onRequest = ({ response }) => void response.writeHead(201).end();
  const { transport } = transportTo(healthy, {
    development: (origin) => ({
      endpointOrigins: [origin],
      address: { host: '127.0.0.1', port: origin === ORIGIN ? healthy.port : silent.port },
      certificateAuthority: healthy.certificate,
    }),
  });
  const stuck = range(500).map((n) =>
    transport.send(pushTo(`/${n}`, { origin: 'https://dead.push.example.net' }), NEVER),
  );
  const answers = await Promise.all(range(100).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
  transport.close();
  expect(await Promise.all(stuck)).toHaveLength(500);
});

test('a paused origin gets nothing, not even what waits, until the time is over', async () => {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 1 } });
  const { transport, clock } = transportTo(server);
  const onItsWay = transport.send(pushTo('/on-its-way'), NEVER);
  const exchange = await server.request(0);
  transport.pause(branded(ORIGIN), 5000);
  const paused = { kind: 'not-sent', reason: 'paused', retryAfterMs: 5000 };
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(paused);
  exchange.response.writeHead(201).end();
  expect(await onItsWay).toHaveProperty('status', 201);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  clock.advance(5000);
  expect(await transport.send(pushTo('/'), NEVER)).toHaveProperty('status', 201);
  const waiting = transport.send(pushTo('/', { origin: 'https://b.push.example.net' }), NEVER);
  transport.pause(branded('https://b.push.example.net'), 5000);
  expect(await waiting).toMatchObject({ reason: 'paused' });
  transport.pause(branded('https://b.push.example.net'), 0);
  expect(await transport.send(pushTo('/', { origin: 'https://b.push.example.net' }), NEVER)).toHaveProperty(
    'status',
    201,
  );
});
