import { once } from 'node:events';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { branded } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from './connection.ts';
import { openHttp2 } from './http2-connection.ts';
import type { Lane } from './lane-queue.ts';
import { OriginConnections } from './origin-connections.ts';
import { CountingClock, listenUntilTestEnds, ORIGIN, startTlsServer } from './tls-server.test-data.ts';

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
  connections.open({ requests: 1, lane: 'proven', timeoutMs: 10_000, isProven: true });
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
  const want = (lane: Lane) => connections.open({ requests: 1, lane, timeoutMs: 10_000, isProven: true });
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

test('a connection of those that go alone takes one request at a time', async () => {
  const clock = new CountingClock();
  const opened: FakeConnection[] = [];
  const connections = new OriginConnections({
    clock,
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
  const taken = new Set<Connection>();
  for (let n = 0; n < 10; n++) {
    connections.open({ requests: 1, lane: 'alone', timeoutMs: 10_000, isProven: true });
    await new Promise(setImmediate);
    const free = opened.find((connection) => connection === connections.free({ lane: 'alone', userId: undefined }));
    if (free === undefined) continue;
    free.active = 1;
    taken.add(free);
  }
  expect([taken.size, opened.length]).toEqual([8, 8]);
});

type FakeConnection = Connection & { active: number };

function fakeConnection(): FakeConnection {
  return {
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
    destroy() {},
    endFlood() {},
  };
}
