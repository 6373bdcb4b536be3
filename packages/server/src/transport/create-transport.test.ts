import { expect, test } from 'vitest';
import { MAX_ANSWER_BYTES, MAX_HTTP1_CONNECTIONS_PER_ORIGIN } from '../limits.ts';
import { NEVER, pushTo, range, startTlsServer, transportTo } from './tls-server.test-data.ts';

test.each(['h2', 'http/1.1'] as const)('a push arrives as it is over %s, and its answer too', async (protocol) => {
  const server = await startTlsServer({ protocol });
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => {
    response.writeHead(400, { 'x-reason': 'no', 'content-type': 'application/json' });
    response.end('{"reason":"BadJwtToken ✓"}');
  };
  const answer = await transport.send(pushTo('/a?token=x%2by'), NEVER);
  expect(answer).toMatchObject({ kind: 'answer', status: 400, headers: { 'x-reason': 'no' } });
  expect(answer).toHaveProperty('body', '{"reason":"BadJwtToken ✓"}');
  expect(server.received[0]).toMatchObject({ path: '/a?token=x%2by', body: Buffer.from('encrypted') });
  expect(server.received[0]?.request).toMatchObject({ method: 'POST', httpVersionMajor: protocol === 'h2' ? 2 : 1 });
});

test.each(['h2', 'http/1.1'] as const)(
  'over %s one connection serves all that comes after each other',
  async (protocol) => {
    const server = await startTlsServer({ protocol });
    const { transport } = transportTo(server);
    server.onRequest = ({ path, response }) => void response.writeHead(path < '/3' ? 201 : 400).end();
    for (const n of range(6)) await transport.send(pushTo(`/${n}`), NEVER);
    expect([server.received.length, server.connections]).toEqual([6, 1]);
  },
);

test('over HTTP/2 one connection serves all at once', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const sent = Promise.all(range(30).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  await server.request(29);
  for (const { response } of server.received) response.writeHead(201).end();
  expect(await sent).toHaveLength(30);
  expect(server.connections).toBe(1);
});

test('a session takes no more streams than its server lets it, and a further one is opened only then', async () => {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 3 } });
  const { transport } = transportTo(server);
  const open = new Map<unknown, number>();
  let most = 0;
  server.onRequest = ({ request, response }) => {
    const session = 'stream' in request ? request.stream.session : undefined;
    open.set(session, (open.get(session) ?? 0) + 1);
    most = Math.max(most, ...open.values());
    setImmediate(() => {
      open.set(session, (open.get(session) ?? 0) - 1);
      response.writeHead(201).end();
    });
  };
  await Promise.all(range(3).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  expect(server.connections).toBe(1);
  const answers = await Promise.all(range(200).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
  expect({ most, connections: server.connections }).toEqual({ most: 3, connections: 4 });
});

test('over HTTP/1.1 there are as many connections as requests at once, up to a limit', async () => {
  const server = await startTlsServer({ protocol: 'http/1.1' });
  const { transport } = transportTo(server);
  const count = MAX_HTTP1_CONNECTIONS_PER_ORIGIN + 10;
  const sent = Promise.all(range(count).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  await server.request(MAX_HTTP1_CONNECTIONS_PER_ORIGIN - 1);
  expect(server.connections).toBe(MAX_HTTP1_CONNECTIONS_PER_ORIGIN);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  for (const { response } of server.received) response.writeHead(201).end();
  expect(await sent).toHaveLength(count);
  expect(server.connections).toBe(MAX_HTTP1_CONNECTIONS_PER_ORIGIN);
});

test('a server that keeps no connection alive gets one for each push', async () => {
  const server = await startTlsServer({ protocol: 'http/1.1' });
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201, { connection: 'close' }).end();
  for (const n of range(3)) expect(await transport.send(pushTo(`/${n}`), NEVER)).toHaveProperty('status', 201);
  expect(server.connections).toBe(3);
});

test('a server that keeps a connection for a second gets every push, and none waits for an answer that cannot come', async () => {
  const server = await startTlsServer({ protocol: 'http/1.1' });
  const { transport } = transportTo(server);
  const headers = { connection: 'keep-alive', 'keep-alive': 'timeout=1' };
  server.onRequest = ({ response }) => void response.writeHead(201, headers).end();
  for (const n of range(6)) expect(await transport.send(pushTo(`/${n}`), NEVER)).toHaveProperty('status', 201);
});

test('a redirect is an answer, and is not followed', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(307, { location: 'https://127.0.0.1/' }).end();
  expect(await transport.send(pushTo('/'), NEVER)).toMatchObject({ kind: 'answer', status: 307 });
  expect(server.received).toHaveLength(1);
});

test.each(['h2', 'http/1.1'] as const)('over %s an answer without end is cut off, and is one', async (protocol) => {
  const server = await startTlsServer({ protocol });
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => {
    response.writeHead(500);
    const fill = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', fill);
    fill();
  };
  const answer = await transport.send(pushTo('/'), NEVER);
  expect(answer).toMatchObject({ kind: 'answer', status: 500, body: 'x'.repeat(MAX_ANSWER_BYTES) });
});

test.each(['h2', 'http/1.1'] as const)('over %s a 2xx is one at its headers', async (protocol) => {
  const server = await startTlsServer({ protocol });
  const { transport } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).write('and then nothing');
  expect(await transport.send(pushTo('/'), NEVER)).toMatchObject({ kind: 'answer', status: 201, body: '' });
});

test.each(['h2', 'http/1.1'] as const)('over %s an answer that breaks off is still one', async (protocol) => {
  const server = await startTlsServer({ protocol });
  const { transport } = transportTo(server);
  server.onRequest = ({ response, request }) => {
    response.writeHead(410).write('gone', () => request.socket.destroy());
  };
  expect(await transport.send(pushTo('/'), NEVER)).toMatchObject({ kind: 'answer', status: 410, body: 'gone' });
});

test.each(['h2', 'http/1.1'] as const)('over %s a request is ended by its signal, and no other', async (protocol) => {
  const server = await startTlsServer({ protocol });
  const { transport } = transportTo(server);
  const stop = new AbortController();
  const ended = transport.send(pushTo('/ended'), stop.signal);
  const other = transport.send(pushTo('/other'), NEVER);
  await server.request(1);
  stop.abort(new Error('no longer wanted'));
  await expect(ended).rejects.toThrow('no longer wanted');
  server.received
    .find(({ path }) => path === '/other')
    ?.response.writeHead(201)
    .end();
  expect(await other).toHaveProperty('status', 201);
  await expect(transport.send(pushTo('/never'), stop.signal)).rejects.toThrow('no longer wanted');
});

test('what waits for a connection, or in the queue, leaves at once by its signal', async () => {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 1 } });
  const { transport } = transportTo(server);
  const stop = new AbortController();
  const connecting = transport.send(pushTo('/connecting'), stop.signal);
  const kept = range(4).map((n) => transport.send(pushTo(`/kept/${n}`), NEVER));
  const waiting = transport.send(pushTo('/waiting'), stop.signal);
  stop.abort(new Error('no longer wanted'));
  await expect(connecting).rejects.toThrow('no longer wanted');
  await expect(waiting).rejects.toThrow('no longer wanted');
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  expect(await Promise.all(kept)).toHaveLength(4);
  expect(server.received.map(({ path }) => path.startsWith('/kept'))).toEqual([true, true, true, true]);
});

test.each(['h2', 'http/1.1'] as const)(
  'close() ends all over %s, and leaves no timer and no socket',
  async (protocol) => {
    const server = await startTlsServer({ protocol, settings: { maxConcurrentStreams: 2 } });
    const { transport, clock } = transportTo(server);
    const sent = range(100).map((n) => transport.send(pushTo(`/${n}`), NEVER));
    await server.request(0);
    transport.close();
    const answers = await Promise.all([...sent, transport.send(pushTo('/late'), NEVER)]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ kind: 'no-answer', reason: 'connection' })]),
    );
    await server.quiet();
    expect(clock.timers).toBe(0);
  },
);

test('an idle connection is closed after a minute, and the next push has another', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  await transport.send(pushTo('/1'), NEVER);
  // The answer comes before the end of its stream.
  for (; server.sockets.size > 0; await new Promise(setImmediate)) clock.advance(60_000);
  expect(clock.timers).toBe(0);
  expect(await transport.send(pushTo('/2'), NEVER)).toHaveProperty('status', 201);
  expect(server.connections).toBe(2);
});

test('at most 64 origins have connections: the one that was used least recently makes room', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  let mostOpen = 0;
  server.onRequest = ({ response }) => {
    mostOpen = Math.max(mostOpen, server.sockets.size);
    response.writeHead(201).end();
  };
  const origin = (n: number): string => `https://p${n}.push.example.net`;
  const send = (n: number) => transport.send(pushTo('/', { origin: origin(n) }), NEVER);
  for (const n of range(64)) expect(await send(n)).toHaveProperty('status', 201);
  await send(0);
  expect(server.connections).toBe(64);
  await send(64);
  await send(0);
  expect(server.connections).toBe(65);
  await send(1);
  expect(server.connections).toBe(66);
  const answers = await Promise.all(range(100).map(send));
  expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
  // The one that makes room may still be closing.
  expect(mostOpen).toBeLessThanOrEqual(66);
});
