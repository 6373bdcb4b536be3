import { constants } from 'node:http2';
import { expect, test } from 'vitest';
import { MAX_IN_FLIGHT_PER_USER, REQUEST_TIMEOUT_MS, USER_RETRY_MS } from '../limits.ts';
import {
  type Exchange,
  NEVER,
  pushTo,
  range,
  startTlsServer,
  type TlsServer,
  transportTo,
} from './tls-server.test-data.ts';

const PROVEN = { userId: 1, hasAccepted: true };
const BROKEN = { kind: 'no-answer', reason: 'connection' };
const TIMEOUT = { kind: 'no-answer', reason: 'timeout' };
const USER_BUSY = { kind: 'not-sent', reason: 'user-busy', retryAfterMs: USER_RETRY_MS };

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();
const refuse = ({ response }: Exchange): void => void response.writeHead(429).end();

function reset({ request }: Exchange): void {
  if (!('stream' in request)) throw new TypeError('it came over HTTP/2');
  request.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

/** What the server does with requests to devices of the user that attacks, whose paths begin with /evil. */
function attackWith(server: TlsServer, trouble: (exchange: Exchange) => void): void {
  server.onRequest = (exchange) => (exchange.path.startsWith('/evil') ? trouble(exchange) : accept(exchange));
}

/** How many requests the server has at once, when 40 users with a proven device each are sent to. */
async function concurrency(server: TlsServer, transport: ReturnType<typeof transportTo>['transport']) {
  const before = server.received.length;
  server.onRequest = () => {};
  const toUser = (n: number) => transport.send(pushTo('/honest'), NEVER, { userId: 1000 + n, hasAccepted: true });
  const sent = Promise.all(range(40).map(toUser));
  await server.request(before);
  for (const session of server.sessions) await new Promise((resolve) => session.ping(resolve));
  const held = server.received.slice(before);
  server.onRequest = accept;
  held.forEach(accept);
  await sent;
  return held.length;
}

test.each([
  { users: 1, hasAccepted: true, expected: 32 },
  { users: 2, hasAccepted: true, expected: 32 },
  { users: 3, hasAccepted: true, expected: 2 },
  { users: 15, hasAccepted: false, expected: 32 },
  { users: 16, hasAccepted: false, expected: 2 },
])(
  'where devices of $users users (proven: $hasAccepted) get 429 all the time, an origin has $expected requests at once',
  async (given) => {
    const { users, hasAccepted, expected } = given;
    const server = await startTlsServer();
    const { transport } = transportTo(server);
    attackWith(server, refuse);
    for (const n of range(50)) await transport.send(pushTo(`/evil/${n}`), NEVER, { userId: n % users, hasAccepted });
    expect(await concurrency(server, transport)).toBe(expected);
  },
);

test('one user’s devices that reset their streams do not close an origin for others, and three users’ do', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  attackWith(server, reset);
  for (const n of range(5)) {
    const evil = range(4).map(() => transport.send(pushTo(`/evil/${n}`), NEVER, { userId: 1, hasAccepted: true }));
    expect(await Promise.all(evil)).toEqual(evil.map(() => expect.toBeOneOf([BROKEN, USER_BUSY])));
    expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toHaveProperty('status', 201);
  }
  // Without an acceptance in between as well.
  for (const n of range(20))
    await transport.send(pushTo(`/evil/${n}`), NEVER, { userId: 1 + (n % 2), hasAccepted: true });
  expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toHaveProperty('status', 201);
  for (const n of range(9))
    await transport.send(pushTo(`/evil/${n}`), NEVER, { userId: 1 + (n % 3), hasAccepted: true });
  expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toMatchObject({ reason: 'circuit-open' });
});

test('over HTTP/1.1, where a reset ends the connection, one user’s devices do not close an origin either', async () => {
  const server = await startTlsServer({ protocol: 'http/1.1' });
  const { transport } = transportTo(server);
  attackWith(server, ({ request }) => void request.socket.destroy());
  for (const n of range(12)) {
    expect(await transport.send(pushTo(`/evil/${n}`), NEVER, { userId: 1 + (n % 2), hasAccepted: true })).toEqual(
      BROKEN,
    );
  }
  expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toHaveProperty('status', 201);
  for (const n of range(9)) await transport.send(pushTo('/evil'), NEVER, { userId: 1 + (n % 3), hasAccepted: true });
  expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toMatchObject({ reason: 'circuit-open' });
});

test('a user whose devices fail again and again does not keep an origin closed that is back', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  attackWith(server, reset);
  for (const n of range(9)) await transport.send(pushTo('/evil'), NEVER, { userId: 1 + (n % 3), hasAccepted: true });
  clock.advance(1000);
  for (const n of range(5)) {
    expect(await transport.send(pushTo(`/evil/${n}`), NEVER, { userId: 1 })).toEqual(USER_BUSY);
  }
  expect(await transport.send(pushTo('/'), NEVER, { userId: 9 })).toHaveProperty('status', 201);
});

test('one user’s devices that hang take a share of the places, and what waits behind them comes again later', async () => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  attackWith(server, () => {});
  const hanging = range(50).map((n) => transport.send(pushTo(`/evil/${n}`), NEVER, { ...PROVEN, flow: n }));
  await server.request(MAX_IN_FLIGHT_PER_USER - 1);
  const honest = range(50).map((n) => transport.send(pushTo(`/${n}`), NEVER, { userId: 2 + n, flow: 100 + n }));
  expect(await Promise.all(honest)).toMatchObject(range(50).map(() => ({ status: 201 })));
  expect(server.received.filter(({ path }) => path.startsWith('/evil'))).toHaveLength(MAX_IN_FLIGHT_PER_USER);
  clock.advance(REQUEST_TIMEOUT_MS);
  expect(await Promise.all(hanging)).toEqual(range(50).map((n) => (n < MAX_IN_FLIGHT_PER_USER ? TIMEOUT : USER_BUSY)));
  // The origin is open, and takes one request at once for that user.
  expect(await transport.send(pushTo('/'), NEVER, { userId: 2 })).toHaveProperty('status', 201);
  const before = server.received.length;
  const again = range(20).map((n) => transport.send(pushTo(`/evil/again/${n}`), NEVER, PROVEN));
  expect(await transport.send(pushTo('/'), NEVER, { userId: 2 })).toHaveProperty('status', 201);
  await server.request(before + 1);
  expect(server.received.filter(({ path }) => path.startsWith('/evil/again'))).toHaveLength(1);
  clock.advance(REQUEST_TIMEOUT_MS);
  expect(await Promise.all(again)).toEqual(range(20).map((n) => (n === 0 ? TIMEOUT : USER_BUSY)));
});

test.each([
  { options: { protocol: 'http/1.1' }, accounts: 2, places: 2 },
  { options: { settings: { maxConcurrentStreams: 2 } }, accounts: 1, places: 1 },
] as const)(
  'unproven devices of $accounts users that hang leave places to other unproven devices',
  async ({ options, accounts, places }) => {
    const server = await startTlsServer(options);
    const { transport, clock } = transportTo(server);
    attackWith(server, () => {});
    const send = (path: string, userId: number) => transport.send(pushTo(path), NEVER, { userId });
    for (const round of range(5)) {
      const before = server.received.length;
      const evil = range(8 * accounts).map((n) => send(`/evil/${n}`, 1 + (n % accounts)));
      await server.request(before);
      const others = range(20).map((n) => send(`/${n}`, 100 * (round + 1) + n));
      expect(await Promise.all(others)).toMatchObject(others.map(() => ({ status: 201 })));
      const hanging = server.received.slice(before).filter(({ path }) => path.startsWith('/evil'));
      expect(hanging).toHaveLength(places * accounts);
      clock.advance(REQUEST_TIMEOUT_MS);
      expect(await Promise.all(evil)).toEqual(evil.map(() => expect.toBeOneOf([TIMEOUT, USER_BUSY])));
      // Each account has a device that works, too.
      for (const n of range(accounts)) expect(await send('/', 1 + n)).toHaveProperty('status', 201);
    }
  },
);

test('all of one user’s devices are sent to, a share at a time', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  let inFlight = 0;
  let most = 0;
  server.onRequest = (exchange) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setImmediate(() => {
      inFlight -= 1;
      accept(exchange);
    });
  };
  const sent = range(100).map((n) => transport.send(pushTo(`/${n}`), NEVER, PROVEN));
  expect(await Promise.all(sent)).toMatchObject(range(100).map(() => ({ status: 201 })));
  expect(most).toBeLessThanOrEqual(MAX_IN_FLIGHT_PER_USER);
});

test('what waits for a user is bounded, can be aborted, and ends with the transport', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const stop = new AbortController();
  const first = range(8).map((n) => transport.send(pushTo(`/${n}`), NEVER, PROVEN));
  await server.request(7);
  const aborted = transport.send(pushTo('/aborted'), stop.signal, { userId: 1 });
  stop.abort(new Error('no longer wanted'));
  await expect(aborted).rejects.toThrow('no longer wanted');
  const parked = range(100).map((n) => transport.send(pushTo(`/parked/${n}`), NEVER, { userId: 1 }));
  const beyond = range(2).map(() => transport.send(pushTo('/beyond'), NEVER, { userId: 1 }));
  expect(await beyond[1]).toEqual(USER_BUSY);
  transport.close();
  expect(await Promise.all([...first, ...parked])).toEqual(range(108).map(() => BROKEN));
});
