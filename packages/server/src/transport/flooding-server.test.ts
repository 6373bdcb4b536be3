import { createServer, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { FLOOD_CHECK_MS, MAX_CONNECTION_BYTES, RESPONSE_BODY_TIMEOUT_MS } from '../limits.ts';
import { selfSigned } from './self-signed.test-data.ts';
import { listenUntilTestEnds, NEVER, pushTo, range, startTlsServer, transportTo } from './tls-server.test-data.ts';

const { certificate, key } = await selfSigned(['push.example.net']);
const BROKEN = { kind: 'no-answer', reason: 'connection' };
const HELD = { kind: 'not-sent', reason: 'circuit-open', retryAfterMs: 60_000 };

type Protocol = 'h2' | 'http/1.1';

/** What a server sends: at once when it has a request, and then again and again. */
interface Flood {
  readonly protocol: Protocol;
  readonly first?: Uint8Array | string;
  readonly again: Uint8Array | string;
}

/** A frame of RFC 9113 §4.1. */
function frame(type: number, options: { flags?: number; stream?: number; payload?: readonly number[] } = {}): Buffer {
  const { flags = 0, stream = 0, payload = [] } = options;
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, Buffer.from(payload)]);
}

const END_HEADERS = 4;
const HEADERS = 1;
const SETTINGS = frame(4);
const NO_ERROR_GOAWAY = frame(7, { payload: [0, 0, 0, 0, 0, 0, 0, 0] });

/** HEADERS of stream 1 that say no more than a status, as a literal without a name of the table (RFC 7541 §6.2.2). */
function statusFrame(status: string): Buffer {
  const name = ':status';
  const payload = [0, name.length, ...Buffer.from(name), status.length, ...Buffer.from(status)];
  return frame(HEADERS, { flags: END_HEADERS, stream: 1, payload });
}

const http1 = (again: string, first = ''): Flood => ({ protocol: 'http/1.1', first, again });
const http2 = (again: Uint8Array, first?: Uint8Array): Flood => ({
  protocol: 'h2',
  again,
  ...(first === undefined ? {} : { first }),
});

/** Behaves as it is told behind TLS; counts its connections and what they took of its flood. */
async function startRawServer(protocol: Protocol, serve: (socket: TLSSocket) => void) {
  const sockets = new Set<TLSSocket>();
  const raw = { port: 0, certificate, connections: 0, sockets };
  const server = createServer({ cert: certificate, key, ALPNProtocols: [protocol] }, (socket) => {
    raw.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  raw.port = await listenUntilTestEnds(server, sockets);
  return raw;
}

async function startFlood({ protocol, first = '', again }: Flood) {
  const flood = { bytes: 0 };
  const many = Buffer.concat(Array.from({ length: 500 }, () => Buffer.from(again)));
  const server = await startRawServer(protocol, (socket) => {
    if (protocol === 'h2') socket.write(SETTINGS);
    let hasBegun = false;
    socket.on('data', (data: Buffer) => {
      if (hasBegun || !data.includes('encrypted')) return;
      hasBegun = true;
      socket.write(first);
      const fill = (): void => {
        if (socket.destroyed) return;
        flood.bytes += many.length;
        if (socket.write(many)) setImmediate(fill);
        else socket.once('drain', fill);
      };
      fill();
    });
  });
  return Object.assign(server, { flood });
}

const turn = <Value>(value?: Value): Promise<Value | undefined> =>
  new Promise((resolve) => setImmediate(resolve, value));

test.each<[string, Flood]>([
  ['100 over HTTP/1.1', http1('HTTP/1.1 100 Continue\r\n\r\n')],
  ['102 over HTTP/1.1', http1('HTTP/1.1 102 Processing\r\n\r\n')],
  ['103 over HTTP/1.1', http1('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')],
  ['100 over HTTP/2', http2(statusFrame('100'))],
  ['103 over HTTP/2', http2(statusFrame('103'))],
])('a server that sends %s without end is left alone', async (_what, flooding) => {
  const server = await startFlood(flooding);
  const { transport } = transportTo(server);
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(BROKEN);
  while (server.sockets.size > 0) await turn();
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(HELD);
});

test.each<Protocol>(['h2', 'http/1.1'])(
  'over %s a few interim responses come before one that counts',
  async (protocol) => {
    const early = { h2: statusFrame('103'), 'http/1.1': Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n') }[protocol];
    const last = {
      h2: statusFrame('201'),
      'http/1.1': Buffer.from('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n'),
    };
    const server = await startRawServer(protocol, (socket) => {
      if (protocol === 'h2') socket.write(SETTINGS);
      socket.on('data', (data: Buffer) => {
        if (data.includes('encrypted')) socket.write(Buffer.concat([early, early, early, last[protocol]]));
      });
    });
    expect(await transportTo(server).transport.send(pushTo('/'), NEVER)).toMatchObject({ status: 201 });
  },
);

const WINDOW_UPDATE = frame(8, { payload: [0, 0, 0, 1] });

test.each<[string, Flood]>([
  ['empty lines before its response', http1('\r\n\r\n')],
  ['WINDOW_UPDATE', http2(WINDOW_UPDATE)],
  ['GOAWAY that lets all streams go on', http2(frame(7, { payload: [0x7f, 255, 255, 255, 0, 0, 0, 0] }))],
  ['ALTSVC', http2(frame(10, { payload: [0, 1, 97, ...Buffer.from('h2=":1"')] }))],
  ['ORIGIN', http2(frame(12, { payload: [0, 0] }))],
])('a server that sends %s without end has its connection ended within a second', async (_what, flooding) => {
  const server = await startFlood(flooding);
  const { transport, clock } = transportTo(server);
  const sent = transport.send(pushTo('/'), NEVER);
  while (server.flood.bytes < 2_000_000) await turn();
  clock.advance(FLOOD_CHECK_MS);
  expect(await sent).toEqual(BROKEN);
  while (server.sockets.size > 0) await turn();
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(HELD);
  expect(clock.timers).toBe(0);
});

test('a server that has answered, and then floods the connection, is left alone', async () => {
  const server = await startFlood(http2(WINDOW_UPDATE, statusFrame('201')));
  const { transport, clock } = transportTo(server, { knownOrigins: [] });
  expect(await transport.send(pushTo('/'), NEVER)).toMatchObject({ status: 201 });
  while (server.flood.bytes < 2_000_000) await turn();
  clock.advance(FLOOD_CHECK_MS);
  while (server.sockets.size > 0) await turn();
  expect(await transport.send(pushTo('/'), NEVER)).toEqual(HELD);
});

test('a connection on which much is asked receives much, for as long as it is asked', async () => {
  const server = await startTlsServer();
  server.onRequest = ({ response }) =>
    void response.writeHead(400, { 'x-padding': 'x'.repeat(8_000) }).end('no'.repeat(4_000));
  const { transport, clock } = transportTo(server);
  for (const second of range(10)) {
    const answers = await Promise.all(range(20).map((n) => transport.send(pushTo(`/${second}/${n}`), NEVER)));
    expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
    clock.advance(FLOOD_CHECK_MS);
  }
  expect(server.connections).toBe(1);
  expect(200 * 16_000).toBeGreaterThan(MAX_CONNECTION_BYTES);
});

// What Node bounds by itself, but for PING and SETTINGS where their acknowledgements are read.
const REFUSED_HEADERS = 'HTTP/1.1 400 No\r\n';
const CHUNKED = `${REFUSED_HEADERS}transfer-encoding: chunked\r\n\r\n`;
test.each<[string, Flood]>([
  ['headers', http1('x-y: z\r\n', REFUSED_HEADERS)],
  ['one header', http1('aaaaaaaaaaaaaaaaaa', `${REFUSED_HEADERS}x: `)],
  ['chunks', http1('1\r\nx\r\n', CHUNKED)],
  ['a chunk’s extension', http1('aaaaaaaaaa', `${CHUNKED}1;`)],
  ['trailers', http1('x-y: z\r\n', `${CHUNKED}0\r\n`)],
  ['upgrades', http1('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
  ['PING', http2(frame(6, { payload: range(8) }))],
  ['SETTINGS', http2(SETTINGS)],
  ['PRIORITY', http2(frame(2, { stream: 1, payload: [0, 0, 0, 0, 1] }))],
  ['unknown frames', http2(frame(0x77))],
  ['CONTINUATION', http2(frame(9, { stream: 1 }), frame(HEADERS, { stream: 1, payload: [0x88] }))],
  ['empty DATA', http2(frame(0, { stream: 1 }), statusFrame('400'))],
  ['DATA of a byte', http2(frame(0, { stream: 1, payload: [1] }), statusFrame('400'))],
  ['trailers over HTTP/2', http2(frame(HEADERS, { flags: END_HEADERS, stream: 1 }), statusFrame('400'))],
])('a server that sends %s without end is cut off', async (_what, flooding) => {
  const server = await startFlood(flooding);
  const { transport, clock } = transportTo(server);
  const sent = transport.send(pushTo('/'), NEVER);
  while (server.connections === 0 || server.sockets.size > 0) {
    // What still comes for a stream that was cut off, and what Node acknowledges as fast as it comes, is counted.
    if (server.flood.bytes > 2_000_000) clock.advance(FLOOD_CHECK_MS);
    await turn();
  }
  expect(['answer', 'no-answer']).toContain((await sent).kind);
});

test('a server that sends every connection away is connected to three times, and not for ever', async () => {
  const server = await startRawServer('h2', (socket) => {
    socket.resume().write(Buffer.concat([SETTINGS, NO_ERROR_GOAWAY]));
  });
  const { transport } = transportTo(server);
  const answers = await Promise.all(range(200).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['no-answer', 'not-sent']));
  expect(server.connections).toBeLessThanOrEqual(9);
  expect(await transport.send(pushTo('/'), NEVER)).toMatchObject({ reason: 'circuit-open' });
});

test.each<Protocol>(['h2', 'http/1.1'])(
  'over %s a body that comes a byte at a time keeps its place for 5 s, and its response counts',
  async (protocol) => {
    const server = await startTlsServer({ protocol });
    const { transport, clock } = transportTo(server);
    const drips = new Set<() => void>();
    server.onRequest = ({ response, path }) => {
      response.writeHead(path === '/201' ? 201 : 404);
      drips.add(() => void (response.destroyed || response.write('x')));
    };
    const [taken, refused] = [transport.send(pushTo('/201'), NEVER), transport.send(pushTo('/404'), NEVER)];
    await server.request(1);
    const drip = (): void => [...drips].forEach((write) => write());
    drip();
    expect(await taken).toMatchObject({ status: 201 });
    const settled = refused.then(() => true);
    for (let ms = 0; !(await Promise.race([settled, turn(false)])); ms += 50) {
      if (ms > 4 * RESPONSE_BODY_TIMEOUT_MS) throw new Error('its body has no end');
      clock.advance(50);
      drip();
    }
    expect(await refused).toMatchObject({ kind: 'answer', status: 404, body: expect.stringMatching(/^x+$/) });
  },
);
