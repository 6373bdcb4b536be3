import { createServer, type Socket } from 'node:net';
import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import { createTransport } from '../transport/create-transport.ts';
import { listenUntilTestEnds } from '../transport/tls-server.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

/** A transport to the sink, and to a server that accepts connections and never responds, which is at every other name. */
async function transportBesideTheDead({ isProven }: { readonly isProven: boolean }) {
  const sockets = new Set<Socket>();
  const port = await listenUntilTestEnds(
    createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).resume();
    }),
    sockets,
  );
  const { clock, sink } = server;
  const [known = ''] = sink.service.endpointOrigins;
  return createTransport({
    clock,
    random: () => 0,
    knownOrigins: isProven ? [branded(known)] : [],
    development: (origin) =>
      origin === known ? sink.service : { ...sink.service, address: { host: '127.0.0.1', port } },
  });
}

async function subscribeAtDeadNames(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const { subscription } = subscribeAtSink('device', `${n}.dead.example`);
    const { status } = await server.post('/subscribe', { body: subscription, user: `user-${n}` });
    expect(status).toBe(201);
  }
}

test('a broadcast reaches a push service that answers at once, though 600 that never do come before it', {
  timeout: 180_000,
}, async () => {
  const transport = await transportBesideTheDead({ isProven: true });
  await server.restart({ transport, allowedPushHosts: ['*.dead.example'] });
  await subscribeAtDeadNames(600);
  await server.post('/subscribe', { body: subscribeAtSink('healthy').subscription, user: 'ada' });
  await server.belfry.notify({ all: true }, { title: 'To all' });
  // Time stands still: whatever waited for a time-out of the dead would wait for ever.
  await server.until(() => server.sink.received.length > 0);
  expect(server.sink.received).toHaveLength(1);
  // The dead hold up the end, too, until the transport gives them up.
  transport.close();
});

test('a throttled broadcast reaches a push service that has not responded yet, though some that never do come before it', {
  timeout: 180_000,
}, async () => {
  const transport = await transportBesideTheDead({ isProven: false });
  await server.restart({ transport, allowedPushHosts: ['*.dead.example'] });
  await subscribeAtDeadNames(10);
  await server.post('/subscribe', { body: subscribeAtSink('healthy').subscription, user: 'ada' });
  await server.belfry.notify({ all: true }, { title: 'To all' }, { devicesPerSecond: 1_000 });
  await server.until(() => server.sink.received.length > 0);
  expect(server.sink.received).toHaveLength(1);
  transport.close();
});
