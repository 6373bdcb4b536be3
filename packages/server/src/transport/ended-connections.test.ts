import { constants, type Http2Session } from 'node:http2';
import { expect, test } from 'vitest';
import { IDLE_SESSION_MS } from '../limits.ts';
import { INTERRUPTED_RETRY_MS } from './no-answer-to.ts';
import type { PushAnswer } from './push-transport.ts';
import {
  type Exchange,
  NEVER,
  pushTo,
  range,
  startTlsServer,
  type TlsServerOptions,
  transportTo,
} from './tls-server.test-data.ts';

const EVE = 1;
const BOB = 100;
const ACCEPTED = { kind: 'answer', status: 201 };
const BROKEN = { kind: 'no-answer', reason: 'connection' };
const INTERRUPTED = { kind: 'no-answer', reason: 'interrupted', retryAfterMs: INTERRUPTED_RETRY_MS };

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();

/** Undefined where it has ended. Its `destroy` ends the connection, and `request.socket.destroy()` the stream alone. */
function sessionOf({ request }: Exchange): Http2Session | undefined {
  if (!('stream' in request)) throw new TypeError('it came over HTTP/2');
  return request.stream.session;
}

const endConnection = (exchange: Exchange): void => sessionOf(exchange)?.destroy();

function goAway(exchange: Exchange): void {
  sessionOf(exchange)?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  sessionOf(exchange)?.close();
}

interface StartOptions extends TlsServerOptions {
  readonly end?: (exchange: Exchange) => void;
}

/** A server that accepts at once, but for paths that begin with /evil, for which it ends the connection, and /slow or /hang, which wait. */
async function start({ end = endConnection, ...options }: StartOptions = {}) {
  const server = await startTlsServer(options);
  const slow: Exchange[] = [];
  server.onRequest = (exchange) => {
    if (exchange.path.startsWith('/evil')) end(exchange);
    else if (exchange.path.startsWith('/slow')) slow.push(exchange);
    else if (!exchange.path.startsWith('/hang')) accept(exchange);
  };
  const { transport, clock } = transportTo(server);
  const send = (path: string, userId: number, isProven = false): Promise<PushAnswer> =>
    transport.send(pushTo(path), NEVER, { userId, hasAccepted: isProven });
  const bob = (path = '/bob'): Promise<PushAnswer> => send(path, BOB, true);
  /** Sends it; goes on when the server has it. */
  const begin = async (path: string, userId: number, isProven = false) => {
    const before = server.received.length;
    const answer = send(path, userId, isProven);
    // In an object: else the answer would be awaited.
    return { answer, session: sessionOf(await server.request(before)) };
  };
  return { server, clock, slow, send, bob, begin };
}

test.each([
  { how: 'ends the connection', end: endConnection, users: 1 },
  { how: 'ends the connection', end: endConnection, users: 2 },
  { how: 'says GOAWAY', end: goAway, users: 1 },
  { how: 'says GOAWAY', end: goAway, users: 2 },
])(
  'a push service that $how for each of the 50 devices of $users users delays nobody else’s messages',
  async ({ end, users }) => {
    const { clock, slow, send, bob } = await start({ end });
    expect(await bob()).toMatchObject(ACCEPTED);
    for (const round of range(10)) {
      const inFlight = bob('/slow');
      const attack = range(50 * users).map((n) => send(`/evil/${n}`, EVE + (n % users)));
      const others = range(5).map((n) => send(`/${n}`, BOB + n, true));
      expect(await Promise.all(others)).toMatchObject(others.map(() => ACCEPTED));
      const ends = await Promise.all(attack);
      expect(ends.filter(({ kind }) => kind === 'answer')).toEqual([]);
      // Nor is what was in flight meanwhile lost.
      slow.splice(0).forEach(accept);
      expect([round, await inFlight]).toMatchObject([round, ACCEPTED]);
      // Whoever is new comes over the connections that the attack does not end any more.
      expect(await send('/new', 1000 + round)).toMatchObject(ACCEPTED);
      clock.advance(5_000);
    }
  },
);

test.each([
  { users: 2, isProven: true, last: ACCEPTED },
  { users: 3, isProven: true, last: { kind: 'not-sent', reason: 'circuit-open' } },
  { users: 15, isProven: false, last: ACCEPTED },
  { users: 16, isProven: false, last: { kind: 'not-sent', reason: 'circuit-open' } },
])(
  'where connections end for $users users (proven: $isProven) the last of all gets $last.kind',
  async ({ users, isProven, last }) => {
    const { send, bob } = await start();
    const ends = [];
    for (const n of range(3 * users)) ends.push(await send('/evil', n % users, isProven));
    expect(ends.slice(0, users)).toEqual(range(users).map(() => BROKEN));
    expect(await bob()).toMatchObject(last);
  },
);

test('who shared a connection that ended comes again soon, alone on a connection', async () => {
  const { slow, begin, send } = await start();
  const interrupted = await begin('/slow', BOB);
  const evil = send('/evil', EVE);
  expect([await interrupted.answer, await evil]).toEqual([INTERRUPTED, INTERRUPTED]);
  const again = await begin('/slow', BOB);
  // Whoever was the cause is alone too, and so is known.
  expect(await send('/evil', EVE)).toEqual(BROKEN);
  slow.forEach(accept);
  expect(await again.answer).toMatchObject(ACCEPTED);
  // Alone on its connection, a request has nobody else to blame.
  expect(await send('/evil', 2)).toEqual(BROKEN);
  // A second response ends that.
  slow.length = 0;
  const second = await begin('/slow', BOB);
  slow.forEach(accept);
  expect(await second.answer).toMatchObject(ACCEPTED);
  slow.length = 0;
  const bystander = await begin('/slow', BOB);
  await send('/evil', 3);
  expect(await bystander.answer).toEqual(INTERRUPTED);
});

test('where it can only be shared, a second end before a response counts as the user’s own', async () => {
  const { begin, send, bob } = await start({ maxConnections: 1 });
  expect(await bob()).toMatchObject(ACCEPTED);
  for (const expected of [INTERRUPTED, BROKEN]) {
    const bystander = await begin('/slow', BOB + 1, true);
    const evil = send('/evil', EVE);
    expect(await bystander.answer).toEqual(expected);
    await evil;
  }
});

test('one account with a device that works and others that end connections holds up nobody else', async () => {
  const { clock, slow, send, bob, begin } = await start();
  expect(await bob()).toMatchObject(ACCEPTED);
  let interruptions = 0;
  for (const round of range(20)) {
    const others = [];
    for (const n of range(3)) others.push(await begin('/slow', BOB + n, true));
    // Its devices have accepted a message before, and one of them goes on doing so.
    expect(await send('/evil', EVE, true)).toMatchObject({ kind: 'no-answer' });
    slow.splice(0).forEach(accept);
    const answers = await Promise.all(others.map(({ answer }) => answer));
    interruptions += answers.filter(({ kind }) => kind !== 'answer').length;
    expect([round, await send('/works', EVE, true)]).toMatchObject([round, ACCEPTED]);
    expect([round, await bob()]).toMatchObject([round, ACCEPTED]);
    clock.advance(1_000);
  }
  // The first time nobody knows whose request it was.
  expect(interruptions).toBe(3);
});

test('four accounts with devices that hang leave half of the places to proven devices', async () => {
  const { slow, send, bob, begin } = await start();
  expect(await bob()).toMatchObject(ACCEPTED);
  for (const eve of range(4)) {
    for (const n of range(7)) void send(`/slow/${n}`, EVE + eve);
    await begin('/slow', BOB + 1 + eve, true);
  }
  expect(await Promise.all([bob(), bob(), bob()])).toMatchObject([ACCEPTED, ACCEPTED, ACCEPTED]);
  slow.forEach(accept);
});

test('what the application sends without a user is told that its connection broke, and no more', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const sent = range(2).map((n) => transport.send(pushTo(`/${n}`), NEVER));
  endConnection(await server.request(1));
  expect(await Promise.all(sent)).toEqual([BROKEN, BROKEN]);
});

test('proven devices, unproven ones, and users whose last request had no response have connections of their own', async () => {
  const { server, slow, begin, send } = await start();
  await send('/evil', EVE, true);
  const sent = [
    await begin('/slow/bob', BOB, true),
    await begin('/slow/new', BOB),
    await begin('/slow/eve', EVE, true),
    await begin('/slow/ann', BOB + 1, true),
  ];
  const [proven, unproven, failing, another] = sent.map(({ session }) => session);
  expect(new Set([proven, unproven, failing]).size).toBe(3);
  expect(another === proven).toBe(true);
  slow.forEach(accept);
  expect(await Promise.all(sent.map(({ answer }) => answer))).toMatchObject(sent.map(() => ACCEPTED));
  expect(server.connections).toBe(4);
});

test('where a server lets one connection in at a time, all share it', async () => {
  const { server, bob, send } = await start({ maxConnections: 1 });
  const answers = await Promise.all([bob(), ...range(5).map((n) => send(`/${n}`, n))]);
  expect(answers).toMatchObject(answers.map(() => ACCEPTED));
  expect(server.connections).toBe(1);
});

test('a connection that nobody used for a minute is not used again, though others of its origin were', async () => {
  const { server, clock, begin, send, slow } = await start();
  const first = await begin('/slow', BOB, true);
  slow.splice(0).forEach(accept);
  expect(await first.answer).toMatchObject(ACCEPTED);
  expect(await send('/', EVE)).toMatchObject(ACCEPTED);
  clock.advance(IDLE_SESSION_MS - 1);
  expect(await send('/', EVE)).toMatchObject(ACCEPTED);
  clock.advance(1);
  const second = await begin('/slow', BOB, true);
  slow.splice(0).forEach(accept);
  expect(await second.answer).toMatchObject(ACCEPTED);
  expect([second.session === first.session, server.connections]).toEqual([false, 3]);
  while (server.sockets.size > 2) await new Promise(setImmediate);
});

test('a push service that accepts a message and ends the connection at the next request delays nobody for long', async () => {
  const cursed = new Set<Http2Session | undefined>();
  const { server, clock, send } = await start();
  server.onRequest = (exchange) => {
    const session = sessionOf(exchange);
    if (cursed.has(session)) return endConnection(exchange);
    if (exchange.path === '/evil') cursed.add(session);
    accept(exchange);
  };
  for (const round of range(10)) {
    await send('/evil', EVE, true);
    for (const n of range(5)) {
      const first = await send(`/${n}`, BOB + n, true);
      if (first.kind === 'answer') continue;
      // It may be anybody's doing, so the attempt does not count, and the next goes alone.
      expect([round, first]).toEqual([0, INTERRUPTED]);
      clock.advance(INTERRUPTED_RETRY_MS);
      expect(await send(`/${n}`, BOB + n, true)).toMatchObject(ACCEPTED);
    }
  }
});

test.each([1, 4])(
  'where the connections that 95 users share end for %d accounts, these are found over few new ones, and what hangs delays nobody',
  async (accounts) => {
    const { server, clock, send } = await start();
    // After so many responses the push service gets requests of all users at once.
    for (const round of range(5)) await Promise.all(range(200).map((n) => send(`/${round}/${n}`, 2000 + n, true)));
    const before = server.connections;
    const isInterrupted = (answer: PushAnswer): boolean => 'reason' in answer && answer.reason === 'interrupted';
    const sendAll = async (userIds: number[], path: string): Promise<number[]> => {
      const answers = await Promise.all(userIds.map((userId) => send(`${path}/${userId}`, userId, true)));
      return userIds.filter((_, index) => answers.slice(index, index + 1).some(isInterrupted));
    };
    let enders = range(accounts);
    let others = range(95).map((n) => BOB + n);
    let rounds = 0;
    for (; enders.length + others.length > 0; rounds += 1) {
      [enders, others] = await Promise.all([sendAll(enders, '/evil'), sendAll(others, '')]);
      // Some of the users that were interrupted have devices that hang.
      if (rounds === 0) for (const n of range(40)) void send(`/hang/${n}`, BOB + 90 + (n % 5));
      if (rounds === 0) others = others.filter((userId) => userId < BOB + 90);
      clock.advance(INTERRUPTED_RETRY_MS);
    }
    // With a connection for each user there were 95, one after the other.
    expect(rounds).toBeLessThanOrEqual(5);
    expect(server.connections - before).toBeLessThan(40);
  },
);
