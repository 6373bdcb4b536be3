import { branded } from '@belfry/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import type { AnswerClass } from './classify-answer.ts';
import { createOriginGate, type OriginGate } from './origin-gate.ts';
import { createRefusals, type Route } from './refusals.ts';

const ACCEPTED: AnswerClass = { kind: 'accepted', scope: 'device' };
const REFUSED: AnswerClass = {
  kind: 'misconfigured',
  scope: 'origin-and-key',
  status: 403,
  reason: 'BadJwtToken',
  clockSkewMs: undefined,
};
const throttled = (retryAfterMs?: number): AnswerClass => ({ kind: 'throttled', scope: 'origin', retryAfterMs });

const device = (id: number, { origin = 'https://a.example', key = 'key' } = {}): Route => ({
  origin: branded(origin),
  key: branded(key),
  deviceId: branded(id),
});

let clock: FakeClock;
let gate: OriginGate;
let told: unknown[];
let attempts: number;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  attempts = 0;
  gate = createOriginGate({
    clock,
    refusals: createRefusals(clock),
    pause: (origin, delayMs) => told.push(['pause', origin, delayMs]),
    onFault: (route, fault) => told.push(['fault', route.deviceId, fault.reason]),
    onMended: (route) => told.push(['mended', route.deviceId]),
  });
});

async function pass(route: Route, answer: AnswerClass) {
  const outcome = await gate.pass(route, async () => {
    attempts += 1;
    return answer;
  });
  return outcome.kind === 'held' ? `${outcome.because} for ${outcome.until - clock.now()}` : outcome.kind;
}

describe('an origin that throttles', () => {
  test('is left alone for as long as it asks, and others are not', async () => {
    expect(await pass(device(1), throttled(120_000))).toBe('throttled for 120000');
    clock.advance(20_000);
    expect(await pass(device(2, { key: 'another' }), ACCEPTED)).toBe('throttled for 100000');
    expect(await pass(device(3, { origin: 'https://b.example' }), ACCEPTED)).toBe('accepted');
    expect(attempts).toBe(2);
    expect(told).toEqual([['pause', 'https://a.example', 120_000]]);
    clock.advance(100_000);
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
    expect(await pass(device(1), ACCEPTED)).toBe('accepted');
  });

  test('without saying for how long is left alone twice as long each time, up to an hour', async () => {
    const waits: unknown[] = [];
    for (let i = 0; i < 12; i++) {
      const wait = await pass(device(1), throttled());
      waits.push(wait);
      clock.advance(Number(wait.split(' ').at(-1)));
    }
    const named = (ms: number) => `throttled for ${ms}`;
    expect(waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000].map(named));
    expect(waits.at(-1)).toBe(named(3_600_000));
  });

  test('for years is asked again after a day', async () => {
    expect(await pass(device(1), throttled(1e12))).toBe('throttled for 86400000');
  });

  test('is asked by one of those that waited, and the others wait for what comes of it', async () => {
    await pass(device(1), throttled(1_000));
    clock.advance(5_000);
    const answer = Promise.withResolvers<AnswerClass>();
    const probe = gate.pass(device(1), () => answer.promise);
    expect(await pass(device(2), ACCEPTED)).toBe('throttled for 5000');
    answer.resolve({ kind: 'gone', scope: 'device' });
    expect(await probe).toMatchObject({ kind: 'gone' });
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
  });

  test('lets another ask where the one that asked came to nothing', async () => {
    await pass(device(1), throttled(1_000));
    clock.advance(5_000);
    await expect(gate.pass(device(1), () => Promise.reject(new Error('ended')))).rejects.toThrow('ended');
    expect(await pass(device(2), throttled())).toBe('throttled for 10000');
  });
});

describe('an origin that refuses the token', () => {
  test('is left alone for that key, told of once, and told of when it is mended', async () => {
    // Longer than the others, so that one of them asks next.
    expect(await pass(device(1), REFUSED)).toBe('misconfigured for 65000');
    expect(await pass(device(2), ACCEPTED)).toBe('misconfigured for 60000');
    expect(await pass(device(3, { key: 'another' }), ACCEPTED)).toBe('accepted');
    clock.advance(60_000);
    expect(await pass(device(2), REFUSED)).toBe('misconfigured for 125000');
    expect(told).toEqual([['fault', 1, 'BadJwtToken']]);
    clock.advance(120_000);
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
    expect(told.at(-1)).toEqual(['mended', 2]);
    expect(await pass(device(4), REFUSED)).toBe('misconfigured for 60000');
  });

  test('to one device alone does not stop the others, and that device has a key mismatch', async () => {
    await pass(device(1), ACCEPTED);
    expect(await pass(device(2), REFUSED)).toBe('misconfigured for 60000');
    expect(await pass(device(3), ACCEPTED)).toBe('accepted');
    expect(await pass(device(2), REFUSED)).toBe('key-mismatch');
    expect(told).toEqual([]);
  });

  test('because of the clock is left alone for every key, and no device is blamed', async () => {
    await pass(device(1), ACCEPTED);
    const skewed: AnswerClass = { ...REFUSED, scope: 'origin', clockSkewMs: 50_000_000 };
    expect(await pass(device(2), skewed)).toBe('misconfigured for 65000');
    expect(await pass(device(3, { key: 'another' }), ACCEPTED)).toBe('misconfigured for 60000');
    clock.advance(60_000);
    expect(await pass(device(2), skewed)).toBe('misconfigured for 125000');
  });

  test('in many answers at once is left alone no longer than for one', async () => {
    const answers = [1, 2, 3].map((id) => gate.pass(device(id), () => Promise.resolve(REFUSED)));
    const outcomes = await Promise.all(answers);
    expect(outcomes.map((one) => one.kind === 'held' && one.until - clock.now())).toEqual([65_000, 65_000, 65_000]);
    expect(told).toHaveLength(1);
  });

  test('is not mended by what a device alone is to blame for', async () => {
    await pass(device(1), REFUSED);
    clock.advance(60_000);
    expect(await pass(device(2), { kind: 'gone', scope: 'device' })).toBe('gone');
    expect(await pass(device(3), REFUSED)).toBe('misconfigured for 125000');
    expect(told).toHaveLength(1);
  });
});

test('what the transport holds back waits for as long as that says, and has no attempt', async () => {
  expect(await pass(device(1), { kind: 'not-sent', retryAt: clock.now() + 7_000 })).toBe('retrying for 7000');
  expect(await pass(device(1), { kind: 'not-sent', retryAt: clock.now() })).toBe('retrying for 1000');
  expect(await pass(device(1), { kind: 'not-sent', retryAt: undefined })).toBe('retrying for 5000');
});
