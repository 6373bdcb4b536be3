import { once } from 'node:events';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { branded } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { openHttp2 } from './http2-connection.ts';
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
    onFlood() {},
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
