import { expect, test } from 'vitest';
import { FLOOD_CHECK_MS, USER_RETRY_MS } from '../limits.ts';
import { INTERRUPTED_RETRY_MS } from './no-answer-to.ts';
import type { PushAnswer } from './push-transport.ts';
import {
  type Exchange,
  NEVER,
  ORIGIN,
  pushTo,
  range,
  startTlsServer,
  type TlsServer,
  transportTo,
} from './tls-server.test-data.ts';

const EVE = 1;
const BOB = 100;
const ACCEPTED = { kind: 'answer', status: 201 };
const BROKEN = { kind: 'no-answer', reason: 'connection' };
const INTERRUPTED = { kind: 'no-answer', reason: 'interrupted', retryAfterMs: INTERRUPTED_RETRY_MS };
const USER_BUSY = { kind: 'not-sent', reason: 'user-busy', retryAfterMs: USER_RETRY_MS };
const ALTSVC = 'h2=":1"'.padEnd(16_000, 'x');

const accept = ({ response }: Exchange): void => {
  if (!response.destroyed) response.writeHead(201).end();
};
async function turn(times = 1): Promise<false> {
  for (let n = 0; n < times; n += 1) await new Promise((resolve) => setImmediate(resolve));
  return false;
}

function interim({ request, response }: Exchange): void {
  for (let n = 0; n < 20; n += 1) {
    if ('stream' in request) request.stream.additionalHeaders({ ':status': 103 });
    else request.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n');
  }
  response.writeHead(201).end();
}

/** Some 1.6 MB that no request asked for. */
function frames({ request }: Exchange, { sessions }: TlsServer): void {
  const session = [...sessions].find((one) => 'stream' in request && one === request.stream.session);
  for (let n = 0; n < 100; n += 1) session?.altsvc(ALTSVC, ORIGIN);
}

interface StartOptions {
  readonly flood: (exchange: Exchange, server: TlsServer) => void;
  readonly protocol?: 'h2' | 'http/1.1';
}

/** A known push service that accepts at once, but for paths that begin with /evil, for which it floods, and /slow, which wait. */
async function start({ flood, protocol = 'h2' }: StartOptions) {
  const server = await startTlsServer({ protocol });
  server.onRequest = (exchange) => {
    if (exchange.path.startsWith('/evil')) flood(exchange, server);
    else if (!exchange.path.startsWith('/slow')) accept(exchange);
  };
  const { transport, clock } = transportTo(server);
  const send = (path: string, userId: number, isProven = false): Promise<PushAnswer> =>
    transport.send(pushTo(path), NEVER, { userId, hasAccepted: isProven });
  /** The bytes of each connection are counted, until this request has its result. */
  const counted = async (sent: Promise<PushAnswer>): Promise<PushAnswer> => {
    const isOver = sent.then(() => true);
    while (!(await Promise.race([isOver, turn(50)]))) clock.advance(FLOOD_CHECK_MS / 10);
    return await sent;
  };
  return { server, clock, send, counted };
}

test.each([
  { what: 'interim responses', flood: interim, protocol: 'h2', isProven: false },
  { what: 'interim responses', flood: interim, protocol: 'h2', isProven: true },
  { what: 'interim responses', flood: interim, protocol: 'http/1.1', isProven: false },
  { what: 'frames', flood: frames, protocol: 'h2', isProven: false },
  { what: 'frames', flood: frames, protocol: 'h2', isProven: true },
] as const)(
  'over $protocol a push service that sends $what without end for one user’s device (proven: $isProven) is open to others',
  async ({ isProven, ...options }) => {
    const { server, clock, send, counted } = await start(options);
    for (const n of range(5)) {
      expect(await send(`/before/${n}`, BOB, true)).toMatchObject(ACCEPTED);
      // Where others had requests on the connection, it may be their doing. So the next request goes alone.
      const first = await counted(send('/evil', EVE, isProven));
      expect(first).toEqual(expect.toBeOneOf([BROKEN, INTERRUPTED]));
      await counted(send('/evil', EVE, isProven));
      expect(await send(`/after/${n}`, BOB, true)).toMatchObject(ACCEPTED);
      // Nothing is sent to that user for a minute.
      clock.advance(40_000);
      expect(await send('/evil', EVE, isProven)).toEqual(USER_BUSY);
      clock.advance(20_000);
    }
    expect(server.received.filter(({ path }) => path === '/evil').length).toBeOneOf([5, 6]);
  },
);

test.each([
  { what: 'interim responses', flood: interim },
  { what: 'frames', flood: frames },
])(
  'other users’ requests on a connection with $what come again at once, and only the cause is held',
  async ({ flood }) => {
    const { server, send, counted } = await start({ flood });
    const slow = range(3).map((n) => send(`/slow/${n}`, BOB + n));
    while (server.received.length < 3) await turn();
    const evil = counted(send('/evil', EVE));
    expect(await Promise.all(slow)).toEqual(slow.map(() => INTERRUPTED));
    await evil;
    // What brings frames alone may be anybody's at first. Each of them has a connection to itself the next time.
    await counted(send('/evil', EVE));
    expect(await Promise.all(slow.map((_, n) => send(`/${n}`, BOB + n)))).toMatchObject(slow.map(() => ACCEPTED));
    expect(await send('/evil', EVE)).toEqual(USER_BUSY);
  },
);

const acceptAndFlood = (exchange: Exchange, server: TlsServer): void => {
  accept(exchange);
  frames(exchange, server);
};

test.each([
  { others: 'no other request', slow: 0 },
  { others: 'another user’s request', slow: 1 },
  { others: 'requests of other users', slow: 3 },
])(
  'a push service that accepts a message and then floods the connection, which has $others, is open to others',
  async ({ slow }) => {
    const { server, clock, send } = await start({ flood: acceptAndFlood });
    let accepted = 0;
    for (const round of range(5)) {
      const before = server.received.length;
      const waiting = range(slow).map((n) => send(`/slow/${n}`, BOB + n, true));
      while (server.received.length < before + slow) await turn();
      const evil = await send('/evil', EVE, true);
      expect(evil).toEqual(expect.toBeOneOf([expect.objectContaining(ACCEPTED), USER_BUSY]));
      if (evil.kind === 'answer') accepted += 1;
      const flooded = [...server.sockets].slice(0, evil.kind === 'answer' ? 1 : 0);
      for (let ms = 0; ms < 10_000 && flooded.some((socket) => server.sockets.has(socket)); ms += 100) {
        await turn(20);
        clock.advance(100);
      }
      server.received.slice(before).forEach(accept);
      const results = await Promise.all(waiting);
      const expected = [INTERRUPTED, expect.objectContaining(ACCEPTED)].slice(0, round === 0 ? 1 : 2);
      expect(results).toEqual(results.map(() => expect.toBeOneOf(expected)));
      const next = range(slow).map((n) => send(`/${n}`, BOB + n, true));
      expect(await Promise.all(next)).toMatchObject(next.map(() => ACCEPTED));
      expect(await send('/carol', 200, true)).toMatchObject(ACCEPTED);
    }
    expect(accepted).toBeLessThanOrEqual(3);
  },
);
