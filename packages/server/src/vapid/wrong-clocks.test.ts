import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ReceivedPush, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const HOUR_MS = 3_600_000;

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
  server.sink.answer = byTheRightClock;
});
afterEach(() => server.close());

/** Checks the token's end as RFC 8292 §2 says. */
function answerAt(nowMs: number, { headers }: ReceivedPush): { status: number; headers?: Record<string, string> } {
  const claims = /t=[^.]+\.([^.]+)\./v.exec(headers.authorization ?? '')?.[1] ?? '';
  const { exp }: { exp: number } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const leftMs = exp * 1000 - nowMs;
  if (leftMs > 0 && leftMs <= 24 * HOUR_MS) return { status: 201 };
  return { status: 403, headers: { date: new Date(nowMs).toUTCString() } };
}

const byTheRightClock = (push: ReceivedPush) => answerAt(server.clock.elapsed(), push);

async function subscribe(user: string, path = user): Promise<void> {
  const { status } = await server.post('/subscribe', { body: subscribeAtSink(path).subscription, user });
  expect(status).toBe(201);
}

/** The outcome of the first attempt for each device. With a short TTL there is no second. */
async function send(user: string, options?: { readonly ttl: number }): Promise<string[]> {
  const notified = await server.belfry.notify(user, { title: 'Hello' }, options);
  return (await notified.settled()).map(({ outcome }) => outcome);
}

const requestsOf = (prefix: string): number =>
  server.sink.received.filter(({ headers }) => headers[':path']?.startsWith(`/${prefix}`)).length;

test('one account whose devices are refused with a wrong Date does not change the token of the others', async () => {
  const users = ['bob', 'cyd', 'dan'];
  for (const user of users) await subscribe(user);
  for (const user of users) expect(await send(user)).toEqual(['accepted']);
  for (let n = 0; n < 12; n++) await subscribe('eve', `eve-${n}`);
  const date = (): string => new Date(server.clock.elapsed() + 13 * HOUR_MS).toUTCString();
  server.sink.answer = (push) =>
    push.headers[':path']?.startsWith('/eve') ? { status: 403, headers: { date: date() } } : byTheRightClock(push);
  const before = server.sink.received.length;
  for (let round = 0; round < 10; round++) {
    await send('eve');
    for (const user of users) expect(await send(user)).toEqual(['accepted']);
  }
  // Nothing was refused and sent again, and each of the twelve devices was asked once.
  expect(requestsOf('eve')).toBe(12);
  expect(server.sink.received.length - before).toBe(12 + 10 * users.length);
});

test('neither does that account where nobody else had a message for long', async () => {
  for (const user of ['bob', 'eve']) await subscribe(user);
  expect(await send('bob')).toEqual(['accepted']);
  server.sink.answer = (push) =>
    push.headers[':path'] === '/eve'
      ? { status: 403, headers: { date: new Date(server.clock.elapsed() + 13 * HOUR_MS).toUTCString() } }
      : byTheRightClock(push);
  for (let round = 0; round < 3; round++) {
    server.clock.advance(20 * 60_000);
    await send('eve');
    expect(await send('bob')).toEqual(['accepted']);
  }
});

test('two accounts with proven devices hold the others up for three minutes at most', async () => {
  const users = ['bob', 'cyd', 'dan', 'fay'];
  for (const user of [...users, 'eve', 'eva']) await subscribe(user);
  await subscribe('eve', 'eve-2');
  for (const user of [...users, 'eve', 'eva']) expect(new Set(await send(user))).toEqual(new Set(['accepted']));
  server.sink.answer = (push) =>
    push.headers[':path']?.startsWith('/ev')
      ? { status: 403, headers: { date: new Date(server.clock.elapsed() + 13 * HOUR_MS).toUTCString() } }
      : byTheRightClock(push);
  for (const user of ['eve', 'eva']) await send(user, { ttl: 30 });
  expect(await send('bob', { ttl: 30 })).toEqual(['misconfigured']);
  server.clock.advance(60_000);
  // Its token is for the wrong time. From then on all tokens are right.
  expect(await send('bob', { ttl: 30 })).toEqual(['misconfigured']);
  server.clock.advance(120_000);
  for (const user of users) expect(await send(user)).toEqual(['accepted']);
});

test('devices behind one node with a wrong clock get their messages, and so do the others', async () => {
  for (const user of ['bob', 'eve']) await subscribe(user);
  server.sink.answer = (push) =>
    push.headers[':path'] === '/eve' ? answerAt(server.clock.elapsed() + 25 * HOUR_MS, push) : byTheRightClock(push);
  expect(await send('eve', { ttl: 30 })).toEqual(['misconfigured']);
  expect(await send('bob')).toEqual(['accepted']);
  server.clock.advance(60_000);
  for (const user of ['eve', 'bob', 'eve']) expect(await send(user)).toEqual(['accepted']);
});

test('a device that a node with a wrong clock refused is not to blame at a node with the right one', async () => {
  for (const user of ['bob', 'eve']) await subscribe(user);
  server.sink.answer = (push) => answerAt(server.clock.elapsed() + 25 * HOUR_MS, push);
  expect(await send('eve', { ttl: 30 })).toEqual(['misconfigured']);
  server.sink.answer = byTheRightClock;
  expect(await send('bob')).toEqual(['accepted']);
  // With the token for the wrong time, then with the right one.
  for (const outcome of ['misconfigured', 'accepted']) {
    server.clock.advance(60_000);
    expect(await send('eve', { ttl: 30 })).toEqual([outcome]);
  }
  expect(requestsOf('eve')).toBe(3);
});

test.each([
  ['one user has devices, one is refused', ['ada'], 1],
  ['many users have devices, three are refused', ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'], 3],
])(
  'where the server’s own clock is 13 h ahead and %s before all messages flow again',
  async (_what, users, refusals) => {
    for (const user of users) await subscribe(user);
    for (const user of users) expect(await send(user)).toEqual(['accepted']);
    server.clock.jump(13 * HOUR_MS);
    const taken = new Set<unknown>();
    let refused = 0;
    server.sink.answer = (push) => {
      const answer = byTheRightClock(push);
      if (answer.status === 201) taken.add(push.headers[':path']);
      else refused += 1;
      return answer;
    };
    for (const user of users) expect(await send(user)).toEqual(['misconfigured']);
    server.clock.advance(60_000);
    await server.until(() => taken.size === users.length, 5);
    expect(refused).toBe(refusals);
    // Somebody sets the clock right.
    server.clock.jump(-13 * HOUR_MS);
    for (const user of users) expect(await send(user)).toEqual(['accepted']);
    expect(refused).toBe(refusals);
  },
);
