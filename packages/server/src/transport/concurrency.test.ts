import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_IN_FLIGHT_PER_ORIGIN } from '../limits.ts';
import { ConcurrencyWindow } from './concurrency-window.ts';
import { NEVER, pushTo, range, startTlsServer, transportTo } from './tls-server.test-data.ts';

const NO_CEILING = Number.POSITIVE_INFINITY;

test('the window grows with quick answers while it is used, and not with slow ones or when it is not', () => {
  const window = new ConcurrencyWindow();
  const size = (): number => window.limit(NO_CEILING, 'user');
  const atStart = size();
  window.answered({ tookMs: 5000, inFlight: atStart });
  window.answered({ tookMs: 5, inFlight: 1 });
  expect(size()).toBe(atStart);
  for (const tookMs of range(10)) window.answered({ tookMs, inFlight: size() });
  expect(size()).toBe(atStart + 10);
});

test('it does not grow where answers take several times as long as the quickest: these requests wait at the service', () => {
  const window = new ConcurrencyWindow();
  const size = (): number => window.limit(NO_CEILING, 'user');
  window.answered({ tookMs: 50, inFlight: size() });
  const atFirst = size();
  for (const tookMs of [151, 200, 400]) window.answered({ tookMs, inFlight: size() });
  expect(size()).toBe(atFirst);
  window.answered({ tookMs: 150, inFlight: size() });
  expect(size()).toBe(atFirst + 1);
  // A service that has become slower for good is the measure after a while.
  for (let answers = 0; answers < 5_000; answers += 1) window.answered({ tookMs: 200, inFlight: 1 });
  window.answered({ tookMs: 400, inFlight: size() });
  expect(size()).toBe(atFirst + 2);
});

test('it halves once for all that was in flight together, and then grows by one a round', () => {
  const window = new ConcurrencyWindow();
  const size = (): number => window.limit(NO_CEILING, 'user');
  const atStart = size();
  const together = range(4).map(() => window.begin());
  for (const request of together) window.overloaded(request);
  expect(size()).toBe(atStart / 2);
  for (let answers = 0; answers <= atStart / 2; answers += 1) window.answered({ tookMs: 5, inFlight: size() });
  expect(size()).toBe(atStart / 2 + 1);
  window.overloaded(window.begin());
  expect(size()).toBe(Math.floor((atStart / 2 + 1) / 2));
});

const events = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('answered' as const), tookMs: fc.nat(2000), inFlight: fc.nat(500) }),
    fc.record({ type: fc.constantFrom('begin' as const, 'overloaded' as const), request: fc.nat(100) }),
  ),
);

test('whatever happens, it is within its bounds, and leaves a quarter to users', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 1000 }), (happened, ceiling) => {
      const window = new ConcurrencyWindow();
      for (const event of happened) {
        if (event.type === 'answered') window.answered(event);
        else if (event.type === 'overloaded') window.overloaded(event.request);
        else window.begin();
      }
      const [user, broadcast] = [window.limit(ceiling, 'user'), window.limit(ceiling, 'broadcast')];
      expect(user).toBeGreaterThanOrEqual(1);
      expect(user).toBeLessThanOrEqual(Math.min(ceiling, MAX_IN_FLIGHT_PER_ORIGIN));
      expect(broadcast).toBe(Math.max(1, Math.floor(user * 0.75)));
    }),
  );
});

test('broadcasts leave a quarter of the streams to users, who go first', async () => {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 2 } });
  const { transport } = transportTo(server);
  const send = (path: string, priority: 'user' | 'broadcast') => transport.send(pushTo(path), NEVER, { priority });
  const broadcasts = range(20).map((n) => send(`/broadcast/${n}`, 'broadcast'));
  // Four sessions of two streams: six for broadcasts.
  await server.request(5);
  const users = range(3).map((n) => send(`/user/${n}`, 'user'));
  await server.request(7);
  const paths = (): string[] => server.received.map(({ path }) => path);
  expect(paths()).toEqual([...range(6).map((n) => `/broadcast/${n}`), '/user/0', '/user/1']);
  server.received[0]?.response.writeHead(201).end();
  await server.request(8);
  expect(paths().at(-1)).toBe('/user/2');
  server.onRequest = ({ response }) => void response.writeHead(201).end();
  for (const { response } of server.received.slice(1)) response.writeHead(201).end();
  expect(await Promise.all([...broadcasts, ...users])).toHaveLength(23);
  expect(paths().slice(9)).toEqual(range(14).map((n) => `/broadcast/${n + 6}`));
});

test('an origin that says 429 gets half as many at once', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server);
  const inFlight: number[] = [];
  const sent = Promise.all(range(100).map((n) => transport.send(pushTo(`/${n}`), NEVER)));
  for (let answered = 0; answered < 100; ) {
    await server.request(answered);
    // All that the window lets through is there before the first is answered.
    for (const session of server.sessions) await new Promise((resolve) => session.ping(resolve));
    const batch = server.received.slice(answered);
    inFlight.push(batch.length);
    answered += batch.length;
    for (const { response } of batch) response.writeHead(429).end();
  }
  await sent;
  expect(inFlight.slice(0, 3)).toEqual([32, 16, 8]);
});
