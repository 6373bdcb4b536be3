import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let server: TestBelfry;

beforeEach(async () => {
  server = await startTestBelfry();
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
});

afterEach(() => server.close());

async function send(status = 201): Promise<string> {
  server.sink.answer = () => ({ status });
  const { id, settled } = await server.belfry.notify('ada', { title: 'Hello' });
  await settled();
  return id;
}

/** Hours in which whatever is old would be deleted. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 60_000) {
    server.clock.advance(60_000);
    await server.belfry.messageStatus('of no message');
  }
}

function faults(): string[] {
  return server.log.filter((line) => line.includes('date-jumped'));
}

describe('a date that is 100 days ahead', () => {
  let id: string;
  /** A ledger, an idempotency key and a device that is gone. */
  beforeEach(async () => {
    await server.belfry.notify('nobody', { title: 'Once' }, { idempotencyKey: 'once' });
    id = await send(410);
    await pass(5 * 60_000);
  });

  async function isAllThere(): Promise<boolean> {
    const status = await server.belfry.messageStatus(id);
    const [device] = await server.belfry.devicesOf('ada');
    return status?.state === 'done' && device !== undefined;
  }

  test('deletes nothing where a server starts with it, and nothing after it was set right', async () => {
    server.clock.jump(100 * DAY_MS);
    await server.restart();
    await pass(3 * HOUR_MS);
    expect(await isAllThere()).toBe(true);
    // Once, with both dates and what to do.
    expect(faults()).toEqual([expect.stringMatching(/confirmDate\(\).*"lastSeen":"2026-01-01T.*"date":"2026-04-11T/v)]);
    const again = await server.belfry.notify('nobody', { title: 'Once' }, { idempotencyKey: 'once' });
    expect(again.id).not.toBe(id);
    await server.restart();
    server.clock.jump(-100 * DAY_MS);
    await server.restart();
    await pass(3 * HOUR_MS);
    expect(await isAllThere()).toBe(true);
  });

  test('deletes nothing where it is set under a running server', async () => {
    server.clock.jump(100 * DAY_MS);
    await pass(3 * HOUR_MS);
    expect(await isAllThere()).toBe(true);
    await server.until(() => faults().length > 0, 1_000);
    expect(faults()).toHaveLength(1);
  });

  test('sends messages all the same, and knows a key that came again', async () => {
    const first = await server.belfry.notify('nobody', { title: 'Twice' }, { idempotencyKey: 'twice' });
    await pass(5 * 60_000);
    server.clock.jump(100 * DAY_MS);
    await server.restart();
    const again = await server.belfry.notify('nobody', { title: 'Twice' }, { idempotencyKey: 'twice' });
    expect(again.id).toBe(first.id);
    await server.post('/subscribe', { body: subscribeAtSink().subscription, user: 'bob' });
    server.sink.answer = () => ({ status: 201 });
    const { settled } = await server.belfry.notify('bob', { title: 'Hello' });
    expect(await settled()).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('is believed once somebody has confirmed it', async () => {
    server.clock.jump(100 * DAY_MS);
    await server.restart();
    await server.belfry.confirmDate();
    await server.until(async () => (await server.belfry.messageStatus(id)) === undefined, 1_000);
    expect(await server.belfry.devicesOf('ada')).toEqual([]);
    await server.restart();
    expect(faults()).toHaveLength(1);
  });
});

test('a date that is 100 days behind is told once, and is believed once somebody has confirmed it', async () => {
  const behind = (): string[] => server.log.filter((line) => line.includes('date-behind'));
  server.clock.jump(-100 * DAY_MS);
  // The store may take longer than the time that passes by the test's clock.
  await server.until(() => behind().length > 0, 1_000);
  await pass(HOUR_MS);
  expect(behind()).toEqual([expect.stringMatching(/confirmDate\(\).*"lastSeen":"2026-01-01T.*"date":"2025-09-23T/v)]);
  await server.belfry.confirmDate();
  await server.restart();
  await pass(HOUR_MS);
  expect(behind()).toHaveLength(1);
  server.clock.jump(100 * DAY_MS);
  await server.until(() => faults().length > 0, 1_000);
  await pass(HOUR_MS);
  expect(faults()).toHaveLength(1);
});

test('three failures and a step of 25 h do not make a device gone, nor does a restart after it', async () => {
  await send(418);
  await send(418);
  server.clock.jump(25 * HOUR_MS);
  await send(418);
  await pass(2 * 60_000);
  await send(418);
  await server.restart();
  await send(418);
  expect(await server.belfry.devicesOf('ada')).toMatchObject([{ state: 'live' }]);
  await pass(25 * HOUR_MS);
  await send(418);
  expect(await server.belfry.devicesOf('ada')).toMatchObject([{ state: 'gone' }]);
});
