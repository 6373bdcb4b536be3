import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeAtSink, type SinkAnswer } from './testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from './testing/test-belfry.test-data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the issue waited for in vain. */
const PATIENCE_MS = 45_000;

let server: TestBelfry;
let answer: SinkAnswer;

beforeEach(async () => {
  server = await startTestBelfry();
  answer = { status: 201 };
  server.sink.answer = () => answer;
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  await server.post('/subscribe', { body: subscribeAtSink().subscription, user: 'bob' });
});

afterEach(() => server.close());

/** Says whether it comes true before so much time has passed, by the monotonic clock. */
async function comesTrue(isSo: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<boolean> {
  const endsAt = server.clock.elapsed() + patienceMs;
  while (!(await isSo())) {
    if (server.clock.elapsed() > endsAt) return false;
    server.clock.advance(10);
    // Store and push service are real, and take real time: the server's must not run away meanwhile.
    await setTimeout(1);
  }
  return true;
}

function arrive(count: number): Promise<boolean> {
  return comesTrue(() => server.sink.received.length >= count);
}

/** Both devices are told to come again. */
async function refuse(by: SinkAnswer): Promise<void> {
  answer = by;
  for (const user of ['ada', 'bob']) await (await server.belfry.notify(user, { title: 'Refused' })).settled();
  expect(await arrive(2)).toBe(true);
  answer = { status: 201 };
}

describe.each([HOUR_MS, DAY_MS])('a clock that is set back by %i ms', (stepMs) => {
  test.each([
    ['an origin that asked for half a minute', { status: 429, headers: { 'retry-after': '30' } }, false],
    [
      'an origin that asked for half a minute, after a restart',
      { status: 429, headers: { 'retry-after': '30' } },
      true,
    ],
    ['an origin that failed', { status: 503 }, false],
    ['an origin whose connections end', 'drop', false],
    ['an origin whose connections end, after a restart', 'drop', true],
  ] as const)('does not hold messages of %s', async (_name, by, isRestarted) => {
    await refuse(by);
    server.clock.jump(-stepMs);
    if (isRestarted) await server.restart();
    const before = server.sink.received.length;
    for (const user of ['ada', 'bob']) await server.belfry.notify(user, { title: 'New' });
    await server.belfry.notify({ all: true }, { title: 'To all' });
    // Two that were refused, two new ones, and the broadcast to both.
    expect(await arrive(before + 6)).toBe(true);
  });

  test('does not hold what was queued just before', async () => {
    await server.belfry.notify({ all: true }, { title: 'To all' });
    server.clock.jump(-stepMs);
    expect(await arrive(2)).toBe(true);
  });

  test('does not hold a message for in 5 s, also after a restart', async () => {
    for (const isRestarted of [false, true]) {
      const before = server.sink.received.length;
      await server.belfry.notify('ada', { title: 'Soon' }, { at: server.clock.now() + 5_000 });
      server.clock.jump(-stepMs);
      if (isRestarted) await server.restart();
      expect(await comesTrue(() => server.sink.received.length > before, 20_000)).toBe(true);
    }
  });

  test('keeps a message for a time of day until then', async () => {
    await server.belfry.notify('ada', { title: 'Later' }, { at: server.clock.now() + 10 * 60_000 });
    server.clock.jump(-stepMs);
    for (let second = 0; second < 11 * 60; second++) {
      server.clock.advance(1_000);
      await setTimeout(1);
    }
    expect(server.sink.received).toHaveLength(0);
    server.clock.jump(stepMs);
    expect(await arrive(1)).toBe(true);
  });
});

test('a broadcast is sent at once wherever the clock jumps to', async () => {
  const jumps = [HOUR_MS, -DAY_MS, 25 * HOUR_MS, -HOUR_MS, 60_000, -90_000];
  let broadcasts = 0;
  for (let jump = 0; jump < 93; jump++) {
    for (let n = 0; n < 7 && broadcasts < 642; n++, broadcasts++) {
      await server.belfry.notify({ all: true }, { title: `Broadcast ${broadcasts}` }, { ttl: 28 * 24 * 3600 });
    }
    server.clock.jump(jumps[jump % jumps.length] ?? 0);
    expect(await arrive(2 * broadcasts)).toBe(true);
  }
  expect(broadcasts).toBe(642);
});
