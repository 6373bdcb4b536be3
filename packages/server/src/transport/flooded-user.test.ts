import { expect, test } from 'vitest';
import { FLOOD_CHECK_MS, USER_RETRY_MS } from '../limits.ts';
import { INTERRUPTED_RETRY_MS } from './origin-health.ts';
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

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();
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
      expect(await counted(send('/evil', EVE, isProven))).toEqual(BROKEN);
      expect(await send(`/after/${n}`, BOB, true)).toMatchObject(ACCEPTED);
      // Nothing is sent to that user for a minute.
      clock.advance(40_000);
      expect(await send('/evil', EVE, isProven)).toEqual(USER_BUSY);
      clock.advance(20_000);
    }
    expect(server.received.filter(({ path }) => path === '/evil')).toHaveLength(5);
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

test('a known push service stays open where a connection is flooded while no request waits for a response', async () => {
  const { server, clock, send } = await start({
    flood: (exchange, flooding) => {
      accept(exchange);
      frames(exchange, flooding);
    },
  });
  for (const n of range(5)) {
    expect(await send('/evil', EVE)).toMatchObject(ACCEPTED);
    const flooded = [...server.sockets];
    while (flooded.some((socket) => server.sockets.has(socket))) {
      await turn();
      clock.advance(FLOOD_CHECK_MS / 100);
    }
    expect(await send(`/${n}`, BOB, true)).toMatchObject(ACCEPTED);
  }
});
