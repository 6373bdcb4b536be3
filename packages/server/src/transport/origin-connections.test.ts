import { once } from 'node:events';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { branded } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from './connection.ts';
import { openHttp2 } from './http2-connection.ts';
import type { Lane } from './lanes.ts';
import { OriginConnections } from './origin-connections.ts';
import { CountingClock, listenUntilTestEnds, ORIGIN, range, startTlsServer } from './tls-server.test-data.ts';

/** Passes on what it gets, both ways, until it is told to be silent. */
async function startRelay(port: number) {
  const sockets = new Set<Socket>();
  const relay = { port: 0, isSilent: false };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connectTo({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (data) => relay.isSilent || to.write(data));
      from.on('end', () => relay.isSilent || to.end());
    }
  });
  relay.port = await listenUntilTestEnds(server, sockets);
  return relay;
}

test.each<[string, (connections: OriginConnections, clock: CountingClock) => void]>([
  ['at destroy()', (connections) => connections.destroy()],
  ['after a minute', (_connections, clock) => clock.advance(60_000)],
])('a connection that closes, and whose peer has gone silent, is ended %s', async (_when, end) => {
  const server = await startTlsServer();
  const relay = await startRelay(server.port);
  const socket = connect({
    port: relay.port,
    ca: server.certificate,
    servername: 'push.example.net',
    ALPNProtocols: ['h2'],
  });
  onTestFinished(() => void socket.destroy());
  const isUp = Promise.withResolvers<void>();
  const clock = new CountingClock();
  const connections = new OriginConnections({
    clock,
    open: (events) => openHttp2(socket, branded(ORIGIN), events),
    onChange: () => isUp.resolve(),
    onFailed: (error) => isUp.reject(error),
    onSuspects() {},
    onIdleFlood() {},
  });
  connections.open({ requests: 1, inLane: 1, lane: 'proven', timeoutMs: 10_000, isProven: true });
  await isUp.promise;
  relay.isSilent = true;
  const finished = once(socket, 'finish');
  connections.close();
  await finished;
  expect(connections.isEmpty).toBe(false);
  end(connections, clock);
  await once(socket, 'close');
  expect(connections.isEmpty).toBe(true);
  expect(clock.timers).toBe(0);
});

test('while a server leaves a further connection hanging, its lane shares another after a second', async () => {
  const clock = new CountingClock();
  const first = fakeConnection();
  let attempts = 0;
  let changes = 0;
  const connections = new OriginConnections({
    clock,
    open: async () => (attempts++ === 0 ? first : await new Promise<never>(() => {})),
    onChange: () => changes++,
    onFailed: expect.unreachable,
    onSuspects() {},
    onIdleFlood() {},
  });
  const want = (lane: Lane) => connections.open({ requests: 1, inLane: 1, lane, timeoutMs: 10_000, isProven: true });
  want('proven');
  await expect.poll(() => connections.free({ lane: 'proven', userId: undefined })).toBe(first);
  want('unproven');
  expect(connections.free({ lane: 'unproven', userId: undefined })).toBeUndefined();
  const before = changes;
  clock.advance(1_000);
  // Whoever waits is told, and goes over what is up.
  expect([
    changes,
    connections.free({ lane: 'unproven', userId: undefined }),
    connections.free({ lane: 'failing', userId: undefined }),
  ]).toEqual([before + 1, first, undefined]);
});

test('over HTTP/1.1, while any attempt hangs, a suspect shares a connection that others had after a second', async () => {
  const clock = new CountingClock();
  const first: FakeConnection = { ...fakeConnection(), protocol: 'http/1.1', capacity: 1 };
  let attempts = 0;
  const connections = new OriginConnections({
    clock,
    open: async () => (attempts++ === 0 ? first : await new Promise<never>(() => {})),
    onChange() {},
    onFailed: expect.unreachable,
    onSuspects() {},
    onIdleFlood() {},
  });
  const want = () => connections.open({ requests: 2, inLane: 1, lane: 'proven', timeoutMs: 10_000, isProven: true });
  want();
  await expect.poll(() => connections.free({ lane: 'proven', userId: 1 })).toBe(first);
  connections.begin(first, { userId: 1, path: '/', lane: 'proven' });
  want();
  expect(connections.free({ lane: 'alone', userId: 2 })).toBeUndefined();
  clock.advance(1_000);
  expect(connections.free({ lane: 'alone', userId: 2 })).toBe(first);
});

test.each<{ lane: Lane; users: number; connections: number; most: number }>([
  { lane: 'suspect', users: 95, connections: 3, most: 32 },
  { lane: 'close-suspect', users: 40, connections: 7, most: 6 },
  { lane: 'alone', users: 12, connections: 8, most: 1 },
])(
  'in the lane $lane $users users have $connections connections at once, with up to $most users each',
  async ({ lane, users, connections: expected, most }) => {
    const opened: FakeConnection[] = [];
    const connections = new OriginConnections({
      clock: new CountingClock(),
      open: async () => {
        const connection = fakeConnection();
        opened.push(connection);
        return connection;
      },
      onChange() {},
      onFailed: expect.unreachable,
      onSuspects() {},
      onIdleFlood() {},
    });
    const want = (waiting: number) =>
      connections.open({ requests: users, inLane: waiting, lane, timeoutMs: 10_000, isProven: true });
    /** Each user has one request. */
    const beginAll = (userIds: number[]): number =>
      userIds.filter((userId) => {
        const free = opened.find((connection) => connection === connections.free({ lane, userId }));
        if (free === undefined) return false;
        connections.begin(free, { userId, path: '/', lane });
        free.active += 1;
        return true;
      }).length;
    want(users);
    want(users);
    await new Promise(setImmediate);
    const begun = beginAll(range(users));
    expect([opened.length, begun]).toEqual([expected, Math.min(users, expected * most)]);
    // What is not idle makes no room. A connection that is idle, and had other users, does.
    want(users);
    for (const connection of opened) connection.active = 0;
    want(100 * users);
    await new Promise(setImmediate);
    const isEnded = opened.filter(({ isDestroyed }) => isDestroyed).length;
    expect([opened.length - isEnded, isEnded]).toEqual([8, expected]);
    expect(beginAll(range(users).map((n) => 1000 + n))).toBe(Math.min(users, 8 * most));
  },
);

type FakeConnection = Connection & { active: number; isDestroyed: boolean };

function fakeConnection(): FakeConnection {
  const connection: FakeConnection = {
    isDestroyed: false,
    protocol: 'h2',
    isOpen: true,
    hasEnded: false,
    active: 0,
    unanswered: 0,
    bytesReceived: 0,
    capacity: 100,
    requests: 1,
    post: () => () => {},
    close() {},
    destroy() {
      connection.isDestroyed = true;
    },
    endFlood() {},
  };
  return connection;
}
