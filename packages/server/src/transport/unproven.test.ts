import { createServer, type LookupFunction, type Socket } from 'node:net';
import { branded, type PushServiceOrigin } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { MAX_REMEMBERED_ORIGINS, MAX_UNPROVEN_POOLS, MAX_WAITING_UNPROVEN } from '../limits.ts';
import { limitLookups } from './limit-lookups.ts';
import type { PushAnswer, SendOptions } from './push-transport.ts';
import {
  listenUntilTestEnds,
  NEVER,
  ORIGIN,
  pushTo,
  range,
  startTlsServer,
  transportTo,
} from './tls-server.test-data.ts';

const TIMEOUT = { kind: 'no-answer', reason: 'timeout' };
const deadName = (n: number): string => `https://dead-${n}.push.example.net`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Accepts connections and says nothing; counts those that are open, at most and in all. */
async function startDeadServer() {
  const sockets = new Set<Socket>();
  const dead = { port: 0, sockets, most: 0, connections: 0 };
  const server = createServer((socket) => {
    sockets.add(socket);
    dead.connections += 1;
    dead.most = Math.max(dead.most, sockets.size);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.resume();
  });
  dead.port = await listenUntilTestEnds(server, sockets);
  return dead;
}

/** One known origin that answers, others of the same server that are not known, and names that lead to a dead host. */
async function startBesideDead() {
  const [healthy, dead] = [await startTlsServer(), await startDeadServer()];
  healthy.onRequest = ({ response }) => void response.writeHead(201).end();
  const { transport, clock } = transportTo(healthy, {
    knownOrigins: [branded(ORIGIN)],
    development: (origin) => ({
      endpointOrigins: [origin],
      address: { host: '127.0.0.1', port: origin.startsWith('https://dead') ? dead.port : healthy.port },
      certificateAuthority: healthy.certificate,
    }),
  });
  const send = (origin: string, path = '/', options: SendOptions = {}) =>
    transport.send(pushTo(path, { origin }), NEVER, options);
  return { healthy, dead, transport, clock, send };
}

test.each([400, 600])(
  '%i names that accept and never answer take no place of an origin that answers',
  async (names) => {
    const { healthy, dead, clock, send } = await startBesideDead();
    const stuck: Promise<PushAnswer>[] = [];
    const delays: number[] = [];
    let held = 0;
    for (const n of range(names)) {
      stuck.push(
        send(deadName(n)).then((answer) => {
          held += 1;
          if (answer.kind === 'not-sent' && answer.reason === 'busy') delays.push(answer.retryAfterMs ?? 0);
          return answer;
        }),
      );
    }
    // The clock stands still: whoever had to wait for a time-out of the dead would wait for ever.
    const answers = await Promise.all(range(100).map((n) => send(ORIGIN, `/${n}`)));
    expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
    while (dead.sockets.size < MAX_UNPROVEN_POOLS) await turn();
    // What found no place does not wait in memory; it comes again one after the other.
    expect(held).toBe(names - MAX_UNPROVEN_POOLS);
    expect(new Set(delays).size).toBe(names - MAX_UNPROVEN_POOLS);
    expect(Math.max(...delays)).toBeGreaterThan((names - MAX_UNPROVEN_POOLS) * 100);
    clock.advance(3_000);
    expect((await Promise.all(stuck)).filter(({ kind }) => kind === 'no-answer')).toHaveLength(MAX_UNPROVEN_POOLS);
    expect(dead.most).toBe(MAX_UNPROVEN_POOLS);
    expect(healthy.received).toHaveLength(100);
  },
);

test('beside 600 dead names that are asked again and again, a new origin that answers comes to be proven', async () => {
  const { healthy, transport, clock, send, dead } = await startBesideDead();
  const queue = range(600).map((n) => ({ origin: deadName(n), atMs: 0 }));
  const fresh = { origin: 'https://fresh.push.example.net', atMs: 0 };
  queue.push(fresh);
  const startedAt = clock.elapsed();
  let asked = 0;
  async function askAgain(one: { readonly origin: string; atMs: number }): Promise<void> {
    const answer = await send(one.origin);
    const delayMs = answer.kind === 'not-sent' ? (answer.retryAfterMs ?? 1_000) : 5_000;
    one.atMs = clock.elapsed() - startedAt + delayMs;
  }
  while (!transport.isProven(branded(fresh.origin))) {
    const nowMs = clock.elapsed() - startedAt;
    if (nowMs > 600_000) throw new Error('it never came to be asked');
    for (const one of queue.filter(({ atMs }) => atMs <= nowMs)) {
      one.atMs = Number.POSITIVE_INFINITY;
      asked += 1;
      void askAgain(one);
    }
    for (let turns = 0; turns < 20; turns += 1) await turn();
    // While it does what takes real time, time stands still.
    if (healthy.sockets.size === 0) clock.advance(250);
  }
  expect(dead.most).toBeLessThanOrEqual(MAX_UNPROVEN_POOLS);
  // Nobody asks again in vain all the time.
  expect(asked - 600).toBeLessThan(((clock.elapsed() - startedAt) / 1_000) * 40);
});

test('an origin that never answered has 3 s to be connected to and 5 s to answer, one request at a time', async () => {
  const { healthy, send, clock } = await startBesideDead();
  const silent = send(deadName(1));
  clock.advance(3_000);
  expect(await silent).toEqual(TIMEOUT);
  healthy.onRequest = () => {};
  const fresh = 'https://fresh.push.example.net';
  const sent = range(3).map((n) => send(fresh, `/${n}`));
  await healthy.request(0);
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(healthy.received).toHaveLength(1);
  clock.advance(5_000);
  expect(await sent[0]).toEqual(TIMEOUT);
  // One failure is enough: the others are held.
  expect(await Promise.all(sent.slice(1))).toMatchObject(range(2).map(() => ({ reason: 'circuit-open' })));
});

test('one that has answered is trusted like a known one for an hour, and not while it fails', async () => {
  const { healthy, transport, send, clock } = await startBesideDead();
  const fresh: PushServiceOrigin = branded('https://fresh.push.example.net');
  expect(transport.isProven(fresh)).toBe(false);
  await send(fresh);
  expect([transport.isProven(fresh), transport.provenOrigins()]).toEqual([true, [ORIGIN, fresh]]);
  clock.advance(3_599_999);
  expect(transport.isProven(fresh)).toBe(true);
  clock.advance(1);
  expect(transport.isProven(fresh)).toBe(false);
  await send(fresh);
  healthy.onRequest = ({ request }) => request.socket.destroy();
  for (const n of range(3)) await send(fresh, `/${n}`);
  expect(transport.isProven(fresh)).toBe(false);
  expect(transport.isProven(branded(ORIGIN))).toBe(true);
});

/** Sends whenever that is allowed, for `hours` in which every request fails; returns the longest time between two tries. */
async function longestHold(
  { send, clock }: Pick<Awaited<ReturnType<typeof startBesideDead>>, 'send' | 'clock'>,
  { origin, hours, hasAccepted }: { origin: string; hours: number; hasAccepted?: boolean },
): Promise<number> {
  let longestMs = 0;
  for (let leftMs = hours * 3_600_000; leftMs > 0; ) {
    const answer = await send(origin, '/', { hasAccepted });
    if (answer.kind === 'answer') throw new Error('it does not fail');
    const heldMs = answer.kind === 'not-sent' ? (answer.retryAfterMs ?? 0) : 0;
    longestMs = Math.max(longestMs, heldMs);
    leftMs -= heldMs;
    clock.advance(heldMs);
  }
  return longestMs;
}

const FRESH = 'https://fresh.push.example.net';
const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;

test('an origin that has accepted a message is asked every 5 minutes, however long it fails, and messages pass once it answers', async () => {
  const { healthy, ...beside } = await startBesideDead();
  await beside.send(FRESH);
  healthy.onRequest = ({ request }) => request.socket.destroy();
  expect(await longestHold(beside, { origin: FRESH, hours: 6 })).toBe(FIVE_MINUTES);
  healthy.onRequest = ({ response }) => void response.writeHead(201).end();
  expect(await beside.send(FRESH)).toHaveProperty('status', 201);
  expect(beside.transport.isProven(branded(FRESH))).toBe(true);
});

test('a process that begins during the outage learns from a device that the origin has accepted messages', async () => {
  const { healthy, transport, ...beside } = await startBesideDead();
  healthy.onRequest = ({ request }) => request.socket.destroy();
  expect(await longestHold(beside, { origin: FRESH, hours: 6, hasAccepted: true })).toBe(FIVE_MINUTES);
  // A device that has accepted nothing yet is no reason to ask less often.
  expect(await longestHold(beside, { origin: FRESH, hours: 6 })).toBe(FIVE_MINUTES);
  const other = 'https://other.push.example.net';
  await longestHold(beside, { origin: other, hours: 24 });
  expect(await beside.send(other)).toHaveProperty('kind', 'no-answer');
  expect(transport.refusal(branded(other))).toHaveProperty('retryAfterMs', HOUR);
  expect(transport.refusal(branded(other), { hasAccepted: true })).toHaveProperty('retryAfterMs', FIVE_MINUTES);
});

test.each([
  ['never answered', undefined],
  ['answered 404, but never accepted a message', 404],
])('a name that %s is asked once an hour at last', async (_what, status) => {
  const { healthy, ...beside } = await startBesideDead();
  if (status !== undefined) {
    healthy.onRequest = ({ response }) => void response.writeHead(status).end();
    await beside.send(FRESH);
    beside.clock.advance(HOUR);
  }
  healthy.onRequest = ({ request }) => request.socket.destroy();
  expect(await longestHold(beside, { origin: FRESH, hours: 24 })).toBe(HOUR);
});

test('what meets the probe comes again soon after its end, and not after another back-off', async () => {
  const { healthy, ...beside } = await startBesideDead();
  await beside.send(FRESH);
  healthy.onRequest = ({ request }) => request.socket.destroy();
  await longestHold(beside, { origin: FRESH, hours: 2 });
  healthy.onRequest = ({ response }) => void response.writeHead(201).end();
  const probe = beside.send(FRESH);
  expect(await beside.send(FRESH)).toEqual({ kind: 'not-sent', reason: 'circuit-open', retryAfterMs: 10_000 });
  expect(await probe).toHaveProperty('status', 201);
});

test('thousands of dead names make nobody forget that an origin accepted a message hours ago', async () => {
  const { healthy, dead, ...beside } = await startBesideDead();
  await beside.send(FRESH);
  beside.clock.advance(2 * HOUR);
  for (const n of range(MAX_REMEMBERED_ORIGINS + 500)) {
    void beside.send(deadName(n));
    if (n % 100 === 0) beside.clock.advance(3_000);
  }
  healthy.onRequest = ({ request }) => request.socket.destroy();
  expect(await longestHold(beside, { origin: FRESH, hours: 6 })).toBe(FIVE_MINUTES);
});

test('thousands of dead names make nobody forget an origin that answers', async () => {
  const { transport, send, clock } = await startBesideDead();
  const fresh = 'https://fresh.push.example.net';
  await send(fresh);
  for (const n of range(MAX_REMEMBERED_ORIGINS + 500)) {
    void send(deadName(n));
    if (n % 100 === 0) clock.advance(3_000);
  }
  expect(transport.isProven(branded(fresh))).toBe(true);
  expect(transport.provenOrigins()).toEqual([ORIGIN, fresh]);
});

test('what waits for one unproven origin is a page of a broadcast, and no more', async () => {
  const { send, transport, clock } = await startBesideDead();
  const answers = range(1_000).map((n) => send(deadName(0), `/${n}`));
  const refused = await Promise.all(answers.slice(MAX_WAITING_UNPROVEN));
  expect(refused.every((answer) => answer.kind === 'not-sent' && answer.reason === 'busy')).toBe(true);
  expect(transport.refusal(branded(deadName(0)))).toMatchObject({ kind: 'not-sent', reason: 'busy' });
  clock.advance(3_000);
  await Promise.all(answers);
});

test('names whose look-up never ends take two threads of the system, and the look-up of others goes on', async () => {
  const underWay: string[] = [];
  const system: LookupFunction = (hostname, _options, callback) => {
    underWay.push(hostname);
    if (hostname.startsWith('ends')) callback(null, '203.0.113.1', 4);
  };
  const limited = limitLookups(system, { atOnce: 2 });
  const failed: string[] = [];
  const ask = (hostname: string) =>
    limited(hostname, {}, (error) => {
      if (error !== null) failed.push(hostname);
    });
  ask('ends.example');
  for (const n of range(100)) ask(`silent-${n}.example`);
  expect(underWay).toEqual(['ends.example', 'silent-0.example', 'silent-1.example']);
  expect(failed).toHaveLength(100 - 2 - 16);
});
