import { branded, type PushRequest } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import type { UnpreparedRequest } from './push-transport.ts';
import { MAX_IN_FLIGHT_PER_USER, MAX_PARKED_PER_USER } from '../limits.ts';
import {
  type Exchange,
  NEVER,
  pushTo,
  range,
  startTlsServer,
  type TlsServer,
  transportTo,
} from './tls-server.test-data.ts';

// A request whose message has a short time to live waits behind one that the push service has not answered.

const withTtl = (path: string, ttl: number): PushRequest => ({ ...pushTo(path), headers: { ttl: String(ttl) } });

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();

/** What came after the first request, by path and TTL. */
const laterTtls = ({ received }: TlsServer): unknown[] =>
  received.slice(1).map((one) => [one.path, one.request.headers['ttl']]);

describe.each(['h2', 'http/1.1'] as const)('over %s, a request that waited in the queue', (protocol) => {
  /** One place at the push service, which is taken until `free` is called. */
  async function busyTransport() {
    const server = await startTlsServer({ protocol, settings: { maxConcurrentStreams: 1 } });
    const { transport, clock } = transportTo(server, { knownOrigins: [] });
    const first = transport.send(pushTo('/first'), NEVER);
    const exchange = await server.request(0);
    server.onRequest = accept;
    const free = (): unknown => {
      accept(exchange);
      return first;
    };
    return { server, transport, clock, free };
  }

  test('has what is left of its TTL', async () => {
    const { server, transport, clock, free } = await busyTransport();
    const endsAt = clock.elapsed() + 5_000;
    const waiting = transport.send(withTtl('/waiting', 5), NEVER, { endsAt });
    const now = transport.send(withTtl('/now', 0), NEVER, { endsAt });
    const longer = transport.send(withTtl('/longer', 60), NEVER, { endsAt: clock.elapsed() + 90_000 });
    clock.advance(2_500);
    await free();
    expect(await Promise.all([waiting, now, longer])).toMatchObject([
      { status: 201 },
      { status: 201 },
      { status: 201 },
    ]);
    expect(laterTtls(server)).toEqual([
      ['/waiting', '3'],
      ['/now', '0'],
      ['/longer', '60'],
    ]);
  });

  test('for longer than its TTL is neither prepared nor sent', async () => {
    const { server, transport, clock, free } = await busyTransport();
    const endsAt = clock.elapsed() + 4_000;
    let prepared = 0;
    const unprepared: UnpreparedRequest = {
      origin: branded(pushTo('/').origin),
      async prepare() {
        prepared += 1;
        return withTtl('/unprepared', 4);
      },
    };
    const late = [withTtl('/waiting', 4), withTtl('/now', 0), unprepared].map((request) =>
      transport.send(request, NEVER, { endsAt }),
    );
    const last = transport.send(withTtl('/last', 60), NEVER);
    clock.advance(4_000);
    await free();
    expect(await Promise.all(late)).toEqual(late.map(() => ({ kind: 'not-sent', reason: 'expired' })));
    expect(await last).toHaveProperty('status', 201);
    expect([laterTtls(server), prepared]).toEqual([[['/last', '60']], 0]);
  });
});

test.each([
  ['expired', 'endsAt' as const],
  ['too-late', 'startBy' as const],
])('all that waits because of its user’s limit is %s in the end', async (reason, limit) => {
  const server = await startTlsServer();
  const { transport, clock } = transportTo(server);
  const user = { userId: 1, hasAccepted: true };
  const first = range(MAX_IN_FLIGHT_PER_USER).map((n) => transport.send(pushTo(`/${n}`), NEVER, user));
  await server.request(MAX_IN_FLIGHT_PER_USER - 1);
  const options = { ...user, [limit]: clock.elapsed() + 5_000 };
  const waiting = range(MAX_PARKED_PER_USER).map((n) => transport.send(pushTo(`/late/${n}`), NEVER, options));
  clock.advance(6_000);
  server.received.forEach(accept);
  expect(await Promise.all(first)).toMatchObject(first.map(() => ({ status: 201 })));
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ kind: 'not-sent', reason })));
  expect(server.received).toHaveLength(MAX_IN_FLIGHT_PER_USER);
});
