import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPushSink, subscribeAtSink, type PushSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const FCM = 'fcm.googleapis.com';
const DEVICES = 12;
const DAY_S = 86_400;

interface Refusal {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let server: TestBelfry;
let sink: PushSink;
beforeEach(async () => {
  server = await startTestBelfry();
  // The real name, at a local address.
  sink = await startPushSink(FCM);
  await server.restart({ developmentPushServices: [sink.service] });
});
afterEach(async () => {
  await server.close();
  await sink.close();
});

async function subscribe(user: string, path: string) {
  const body = subscribeAtSink(`fcm/send/${path}`, FCM).subscription;
  expect(await server.post('/subscribe', { body, user })).toMatchObject({ status: 201 });
}

async function send(user: string): Promise<readonly string[]> {
  const notified = await server.belfry.notify(user, { title: user });
  return (await notified.settled()).map(({ outcome }) => outcome);
}

test.each<[string, Refusal]>([
  ['401', { status: 401, body: 'Unauthorized' }],
  ['403 in words that blame the token', { status: 403, body: 'invalid JWT provided\n' }],
  [
    '403 in words that name the key',
    {
      status: 403,
      body: 'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.\n',
    },
  ],
  ['401 by a server whose clock is far away', { status: 401, headers: { date: 'Sat, 01 Jan 2000 00:00:00 GMT' } }],
  ['429 for a day', { status: 429, headers: { 'retry-after': String(DAY_S) } }],
  ['503 for a day', { status: 503, headers: { 'retry-after': String(DAY_S) } }],
])('the twelve devices of one user, answered with %s, hold up nobody else', async (_what, answer) => {
  for (let id = 0; id < DEVICES; id++) await subscribe('mallory', `made-up-${id}`);
  await subscribe('ada', 'ada');
  await subscribe('bob', 'bob');
  // Without a date of its own an answer has the real one, which is not the test's: a clock that is wrong.
  const date = new Date(server.clock.now()).toUTCString();
  const refusal = { ...answer, headers: { date, ...answer.headers } };
  sink.answer = ({ headers }) => (headers[':path']?.includes('made-up') ? refusal : { status: 201 });
  const outcomes: string[] = [];
  for (let round = 0; round < 10; round++) {
    await send('mallory');
    outcomes.push(...(await send(round % 2 === 0 ? 'ada' : 'bob')));
  }
  expect(outcomes).toEqual(Array(10).fill('accepted'));
});

test('nor do they where they are the first that this server sends to', async () => {
  for (let round = 0; round < 10; round++) {
    await server.restart({ developmentPushServices: [sink.service] });
    for (let id = 0; id < DEVICES; id++) await subscribe('mallory', `made-up-${round}-${id}`);
    await subscribe(`ada-${round}`, `ada-${round}`);
    const date = new Date(server.clock.now()).toUTCString();
    sink.answer = (push) => ({ status: push.headers[':path']?.includes('made-up') ? 401 : 201, headers: { date } });
    const attack = send('mallory');
    expect(await send(`ada-${round}`)).toEqual(['accepted']);
    await attack;
    expect(await send(`ada-${round}`)).toEqual(['accepted']);
  }
});

test('the devices of one user whose requests end the connection hold up nobody else', async () => {
  for (let id = 0; id < DEVICES; id++) await subscribe('mallory', `made-up-${id}`);
  await subscribe('ada', 'ada');
  await send('ada');
  sink.answer = ({ headers }) => (headers[':path']?.includes('made-up') ? 'drop' : { status: 201 });
  const outcomes: string[] = [];
  for (let round = 0; round < 10; round++) {
    const attack = send('mallory');
    outcomes.push(...(await send('ada')));
    expect(new Set(await attack)).toEqual(new Set(['retrying']));
    outcomes.push(...(await send('ada')));
  }
  expect(outcomes).toEqual(Array(20).fill('accepted'));
});

test('a new device whose connection another one ended gets its message within a second', async () => {
  await subscribe('mallory', 'made-up');
  await subscribe('ada', 'ada');
  sink.answer = ({ headers }) => (headers[':path']?.includes('made-up') ? 'drop' : 'never');
  const notified = await server.belfry.notify('ada', { title: 'ada' });
  await sink.waitFor(1);
  await send('mallory');
  const [outcome] = await notified.settled();
  expect(outcome).toHaveProperty('outcome', 'retrying');
  expect(outcome).toHaveProperty(
    'retryAt',
    expect.toSatisfy((at: number) => at <= server.clock.now() + 1_000),
  );
  sink.answer = ({ headers }) => (headers[':path']?.includes('made-up') ? 'drop' : { status: 201 });
  server.clock.advance(1_000);
  // Nobody knows yet which of the two was the cause, so both come again.
  await sink.waitFor(4);
  expect(sink.received.filter(({ headers }) => headers[':path'] === '/fcm/send/ada')).toHaveLength(2);
});
