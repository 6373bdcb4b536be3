import { constants } from 'node:http2';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { MAX_IN_FLIGHT_PER_USER, REQUEST_TIMEOUT_MS } from '../limits.ts';
import { PROBE_TIMEOUT_MS, UNCONTESTED_PROBE_MS } from './circuit-breaker.ts';
import type { TransportOptions } from './create-transport.ts';
import type { PushAnswer } from './push-transport.ts';
import {
  type Exchange,
  NEVER,
  pushTo,
  range,
  startTlsServer,
  type TlsServer,
  transportTo,
} from './tls-server.test-data.ts';

const BOB = 100;
const ACCEPTED = { kind: 'answer', status: 201 };
const CIRCUIT_OPEN = { kind: 'not-sent', reason: 'circuit-open' };
const USER_BUSY = { kind: 'not-sent', reason: 'user-busy' };
const TIMEOUT = { kind: 'no-answer', reason: 'timeout' };

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();

function closeStream({ request }: Exchange, code: number): void {
  if (!('stream' in request)) throw new TypeError('it came over HTTP/2');
  request.stream.close(code);
}

const reset = (exchange: Exchange): void => closeStream(exchange, constants.NGHTTP2_INTERNAL_ERROR);

/** A server that accepts at once, but for paths that begin with /hang, which never get a response. */
async function start(options: Partial<TransportOptions> = {}) {
  const server = await startTlsServer();
  server.onRequest = (exchange) => {
    if (!exchange.path.startsWith('/hang')) accept(exchange);
  };
  const { transport, clock } = transportTo(server, options);
  const send = (userId: number, { path = '/', isProven = false } = {}): Promise<PushAnswer> =>
    transport.send(pushTo(path), NEVER, { userId, hasAccepted: isProven });
  const bob = (path = '/bob'): Promise<PushAnswer> => send(BOB, { path, isProven: true });
  return { server, clock, send, bob };
}

type Setup = Awaited<ReturnType<typeof start>>;

/** Sends to devices that hang, one for each user; goes on when each request is at the server, or was refused. */
async function sendHanging(
  { server, send }: Setup,
  { users, isProven = false }: { users: readonly number[]; isProven?: boolean },
): Promise<{ readonly sent: Promise<PushAnswer>[] }> {
  const until = server.received.length + users.length;
  let settled = 0;
  const sent = users.map(async (userId) => {
    const answer = await send(userId, { path: `/hang/${userId}`, isProven });
    settled += 1;
    return answer;
  });
  while (server.received.length + settled < until) await new Promise((resolve) => setImmediate(resolve));
  return { sent };
}

/** The same, and has all time out. */
async function hang(setup: Setup, users: readonly number[], isProven = false): Promise<void> {
  const { sent } = await sendHanging(setup, { users, isProven });
  setup.clock.advance(REQUEST_TIMEOUT_MS);
  expect(await Promise.all(sent)).toEqual(users.map(() => TIMEOUT));
}

/** The push service has an outage, which three users with proven devices notice; it is over afterwards. */
async function outage({ server, send }: Setup): Promise<void> {
  const { onRequest } = server;
  server.onRequest = reset;
  for (const userId of [201, 202, 203, 201, 202]) await send(userId, { isProven: true });
  server.onRequest = onRequest;
  expect(await send(204, { isProven: true })).toMatchObject(CIRCUIT_OPEN);
}

test('three accounts with unproven devices that hang never delay a user with little traffic', async () => {
  const setup = await start();
  const inFlight = new Set<number>();
  const answers: PushAnswer[] = [];
  for (const step of range(180)) {
    const users = [1, 2, 3].filter((userId) => !inFlight.has(userId));
    const { sent } = await sendHanging(setup, { users });
    for (const [index, userId] of users.entries()) {
      inFlight.add(userId);
      void sent[index]?.then(() => inFlight.delete(userId));
    }
    // Bob gets a message every 2 minutes, and 12 requests time out between two of these.
    if (step % 12 === 11) answers.push(await setup.bob());
    setup.clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answers).toMatchObject(range(15).map(() => ACCEPTED));
});

test.each([
  { users: 2, isProven: true, expected: ACCEPTED },
  { users: 3, isProven: true, expected: CIRCUIT_OPEN },
  { users: 15, isProven: false, expected: ACCEPTED },
  { users: 16, isProven: false, expected: CIRCUIT_OPEN },
])(
  'after requests to devices of $users users have hung (proven: $isProven), others get $expected.kind',
  async (given) => {
    const setup = await start();
    const users = range(given.users);
    // Failures count from the third, or sixteenth, user on, and three open the breaker.
    // Requests of unproven devices have half of the 32 places.
    const first = users.slice(0, 8);
    for (const some of given.isProven ? [users, users] : [first, users.slice(8), first])
      await hang(setup, some, given.isProven);
    expect(await setup.bob()).toMatchObject(given.expected);
  },
);

test('accounts whose unproven devices hang do not take the place of the probe', async () => {
  const setup = await start();
  const { server, clock, send, bob } = setup;
  await hang(setup, [1, 2, 3]);
  await outage(setup);
  clock.advance(1_000);
  const evil = [1, 2, 3].map((userId) => send(userId, { path: '/hang/again' }));
  expect(await bob()).toMatchObject(ACCEPTED);
  expect(await Promise.all(evil)).toMatchObject([USER_BUSY, USER_BUSY, USER_BUSY]);
  expect(server.received.filter(({ path }) => path === '/hang/again')).toHaveLength(0);
});

test('where nobody else comes they may probe, and then others come first again', async () => {
  const setup = await start();
  const { clock, send, bob } = setup;
  await hang(setup, [1, 2, 3]);
  await outage(setup);
  clock.advance(1_000 + UNCONTESTED_PROBE_MS - 1);
  expect(await send(1, { path: '/hang/again' })).toMatchObject(USER_BUSY);
  clock.advance(1);
  const { sent: probe } = await sendHanging(setup, { users: [1] });
  expect(await bob()).toMatchObject(CIRCUIT_OPEN);
  clock.advance(PROBE_TIMEOUT_MS);
  expect(await send(2, { path: '/hang/again' })).toMatchObject(USER_BUSY);
  expect(await bob()).toMatchObject(ACCEPTED);
  clock.advance(REQUEST_TIMEOUT_MS);
  expect(await probe[0]).toEqual(TIMEOUT);
});

test('accounts that have not failed yet probe once each, and do not keep the origin closed by it', async () => {
  const setup = await start();
  const { clock, send, bob } = setup;
  await outage(setup);
  clock.advance(1_000);
  for (const userId of [1, 2, 3]) {
    await sendHanging(setup, { users: [userId] });
    clock.advance(PROBE_TIMEOUT_MS);
  }
  expect(await send(1, { path: '/hang' })).toMatchObject(USER_BUSY);
  expect(await bob()).toMatchObject(ACCEPTED);
});

test('a probe does not wait behind other requests of the same user that hang', async () => {
  const setup = await start();
  const { clock, send, bob } = setup;
  await sendHanging(setup, { users: range(MAX_IN_FLIGHT_PER_USER).map(() => 1), isProven: true });
  await outage(setup);
  clock.advance(1_000);
  const again = send(1, { path: '/hang/again', isProven: true });
  expect(await bob()).toMatchObject(ACCEPTED);
  expect(await again).toMatchObject(USER_BUSY);
});

test.each([true, false])('an installation of one user recovers by itself (proven: %s)', async (isProven) => {
  const { server, clock, send } = await start();
  const sendAfterHold = async (): Promise<PushAnswer> => {
    const before = server.received.length;
    const sent = send(1, { isProven });
    const first = await Promise.race([sent, server.request(before)]);
    if ('kind' in first && first.kind === 'not-sent') clock.advance(first.retryAfterMs ?? 0);
    else if (server.onRequest === hold) clock.advance(REQUEST_TIMEOUT_MS);
    return sent;
  };
  const hold = (): void => {};
  server.onRequest = ({ request }) => request.socket.destroy();
  for (let times = 0; times < 3; times += 1) await send(1, { isProven });
  server.onRequest = hold;
  const downAtMs = clock.elapsed();
  while (clock.elapsed() - downAtMs < 3_600_000) expect(await sendAfterHold()).not.toHaveProperty('status');
  const asked = server.received.length;
  server.onRequest = accept;
  const upAtMs = clock.elapsed();
  while ((await sendAfterHold()).kind !== 'answer') expect(server.received).toHaveLength(asked);
  expect(clock.elapsed() - upAtMs).toBeLessThanOrEqual(isProven ? 300_000 : 2 * UNCONTESTED_PROBE_MS);
});

test('a probe keeps others waiting for 10 s, and a push service that takes longer is still found to be back', async () => {
  const setup = await start();
  const { server, clock, send, bob } = setup;
  await outage(setup);
  clock.advance(1_000);
  const before = server.received.length;
  const slow = send(201, { path: '/hang/slow', isProven: true });
  const exchange = await server.request(before);
  clock.advance(PROBE_TIMEOUT_MS - 1);
  expect(await bob()).toMatchObject({ ...CIRCUIT_OPEN, retryAfterMs: 1_000 });
  clock.advance(1);
  expect(await bob()).toMatchObject({ ...CIRCUIT_OPEN, retryAfterMs: 2_000 });
  accept(exchange);
  expect(await slow).toMatchObject(ACCEPTED);
  expect(await bob()).toMatchObject(ACCEPTED);
});

test('after a probe without a response the next one gets a connection of its own', async () => {
  const setup = await start();
  const { server, clock, send, bob } = setup;
  await outage(setup);
  clock.advance(1_000);
  const [before, connections] = [server.received.length, server.connections];
  const probe = send(201, { path: '/hang', isProven: true });
  await server.request(before);
  clock.advance(PROBE_TIMEOUT_MS);
  clock.advance(2_000);
  expect(await bob()).toMatchObject(ACCEPTED);
  expect(server.connections).toBe(connections + 1);
  clock.advance(REQUEST_TIMEOUT_MS);
  expect(await probe).toEqual(TIMEOUT);
});

test('one user’s devices whose streams are refused neither close an origin nor take its concurrency', async () => {
  const { server, send, bob } = await start();
  const { onRequest } = server;
  server.onRequest = (exchange) => {
    if (exchange.path === '/refuse') closeStream(exchange, constants.NGHTTP2_REFUSED_STREAM);
    else onRequest(exchange);
  };
  for (let times = 0; times < 5; times += 1)
    expect(await send(1, { path: '/refuse' })).toHaveProperty('kind', 'no-answer');
  expect(await bob()).toMatchObject(ACCEPTED);
  expect(await concurrency(server, send)).toBe(32);
});

/** How many requests the server has at once, when 40 users with a proven device each are sent to. */
async function concurrency(server: TlsServer, send: Setup['send']): Promise<number> {
  const before = server.received.length;
  const sent = range(40).map((n) => send(1000 + n, { path: '/hang', isProven: true }));
  await server.request(before);
  const sessions = [...server.sessions].filter(({ destroyed }) => !destroyed);
  for (const session of sessions) await new Promise((resolve) => session.ping(resolve));
  const held = server.received.slice(before);
  server.onRequest = accept;
  held.forEach(accept);
  await Promise.all(sent);
  return held.length;
}

test('one account does not close a host that accepted messages before the server started', async () => {
  // No known push service, as WNS's hosts: nobody has a response from it yet.
  const setup = await start({ knownOrigins: [branded('https://fcm.example')] });
  const { server, clock, send, bob } = setup;
  const evil = send(1, { path: '/hang/first' });
  while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(REQUEST_TIMEOUT_MS);
  expect(await evil).toEqual(TIMEOUT);
  // The store knows that Bob's device accepted a message. What Eve has waiting comes again beside his.
  expect(await bob()).toMatchObject(CIRCUIT_OPEN);
  clock.advance(40_000);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const again = range(50).map((n) => send(1, { path: `/hang/${n}` }));
  expect(await bob()).toMatchObject(ACCEPTED);
  expect(await Promise.all(again)).toMatchObject(again.map(() => USER_BUSY));
});
