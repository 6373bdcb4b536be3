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

const DEAD = 600;

test('a broadcast reaches a push service that answers at once, though 600 that never do come before it', {
  timeout: 180_000,
}, async () => {
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
  const transport = createTransport({
    clock,
    random: () => 0,
    knownOrigins: [branded(known)],
    development: (origin) =>
      origin === known ? sink.service : { ...sink.service, address: { host: '127.0.0.1', port } },
  });
  await server.restart({ transport, allowedPushHosts: ['*.dead.example'] });
  for (let n = 0; n < DEAD; n += 1) {
    const { subscription } = subscribeAtSink('device', `${n}.dead.example`);
    const { status } = await server.post('/subscribe', { body: subscription, user: `user-${n}` });
    expect(status).toBe(201);
  }
  await server.post('/subscribe', { body: subscribeAtSink('healthy').subscription, user: 'ada' });
  await server.belfry.notify({ all: true }, { title: 'To all' });
  // Time stands still: whatever waited for a time-out of the dead would wait for ever.
  await server.until(() => sink.received.length > 0);
  expect(sink.received).toHaveLength(1);
  // The dead hold up the end, too, until the transport gives them up.
  transport.close();
});
