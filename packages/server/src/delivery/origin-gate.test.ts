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

/** A proven device of a user of its own, if nothing else is said. */
const device = (
  id: number,
  { origin = 'https://a.example', key = 'key', userId = id, isProven = true } = {},
): Route => ({
  origin: branded(origin),
  key: branded(key),
  deviceId: branded(id),
  endpoint: branded(`${origin}/${id}`),
  userId,
  isProven,
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
    onFault: (route, fault, devices) => told.push(['fault', route.deviceId, fault.reason, devices]),
    onMended: (route) => told.push(['mended', route.deviceId]),
  });
});

async function pass(route: Route, answer: AnswerClass) {
  const outcome = await gate.pass(route, async () => {
    attempts += 1;
    return answer;
  });
  if (outcome.kind !== 'held') return outcome.kind;
  const held = `${outcome.because} for ${outcome.until - clock.now()}`;
  return outcome.scope === 'device' ? `${held}, alone` : held;
}

/** Devices 101 to 103, of three users, get this answer. */
async function agree(answer: AnswerClass) {
  const outcomes: string[] = [];
  for (const id of [101, 102, 103]) outcomes.push(await pass(device(id), answer));
  return outcomes;
}

test('a connection that ended with several requests holds each device for a moment, and never the origin', async () => {
  for (let id = 1; id <= 20; id++) {
    const interrupted: AnswerClass = { kind: 'interrupted', retryAt: clock.now() + 700 };
    expect(await pass(device(id), interrupted)).toBe('retrying for 700, alone');
  }
  expect(await pass(device(1), ACCEPTED)).toBe('accepted');
  expect(told).toEqual([]);
});

describe('an origin that throttles', () => {
  test('three devices of several users is left alone for as long as it asks, and others are not', async () => {
    expect(await agree(throttled(40_000))).toEqual(['throttled', 'throttled', 'throttled for 40000']);
    clock.advance(20_000);
    expect(await pass(device(2, { key: 'another' }), ACCEPTED)).toBe('throttled for 20000');
    expect(await pass(device(3, { origin: 'https://b.example' }), ACCEPTED)).toBe('accepted');
    expect(attempts).toBe(4);
    expect(told).toEqual([['pause', 'https://a.example', 40_000]]);
    clock.advance(20_000);
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
    expect(await pass(device(101), ACCEPTED)).toBe('accepted');
  });

  test('the devices of one user, however many, is left alone by none but those', async () => {
    for (let id = 1; id <= 50; id++) {
      expect(await pass(device(id, { userId: 1 }), throttled(86_400_000))).toBe('throttled');
      expect(await pass(device(id, { userId: 1 }), ACCEPTED)).toBe('throttled for 86400000, alone');
    }
    expect(await pass(device(99), ACCEPTED)).toBe('accepted');
    expect(attempts).toBe(51);
  });

  test('some devices and accepts others in between is not left alone', async () => {
    for (let id = 1; id <= 20; id += 2) {
      expect(await pass(device(id), throttled())).toBe('throttled');
      expect(await pass(device(id + 1), throttled())).toBe('throttled');
      expect(await pass(device(99), ACCEPTED)).toBe('accepted');
    }
  });

  test('one device asks again with a new subscription, whatever it was told with the old one', async () => {
    await pass(device(1), throttled(86_400_000));
    const renewed: Route = { ...device(1), endpoint: branded('https://a.example/new') };
    expect(await pass(renewed, ACCEPTED)).toBe('accepted');
  });

  test('without saying for how long is left alone twice as long each time, up to an hour', async () => {
    const waits: unknown[] = [(await agree(throttled())).at(-1)];
    for (let id = 1; id < 12; id++) {
      clock.advance(Number(String(waits.at(-1)).split(' ').at(-1)));
      waits.push(await pass(device(id), throttled()));
    }
    const named = (ms: number) => `throttled for ${ms}`;
    expect(waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000].map(named));
    expect(waits.at(-1)).toBe(named(3_600_000));
  });

  test('is not left alone any longer because one user asks again and again', async () => {
    await agree(throttled());
    clock.advance(5_000);
    expect(await pass(device(1), throttled())).toBe('throttled for 10000');
    clock.advance(10_000);
    for (const id of [2, 3, 4]) expect(await pass(device(id, { userId: 1 }), throttled())).toBe('throttled');
    expect(await pass(device(5), ACCEPTED)).toBe('accepted');
  });

  test('for years is asked again after a minute, and the devices that it told so after a day', async () => {
    expect((await agree(throttled(1e12))).at(-1)).toBe('throttled for 60000');
    expect(told).toEqual([['pause', 'https://a.example', 60_000]]);
    clock.advance(60_000);
    expect(await pass(device(101), ACCEPTED)).toBe('throttled for 86340000, alone');
    expect(await pass(device(1), ACCEPTED)).toBe('accepted');
  });

  test('made-up devices of a few users is left alone by none but those', async () => {
    for (let id = 1; id <= 60; id++) {
      const madeUp = device(id, { userId: id % 15, isProven: false });
      expect(await pass(madeUp, throttled(3_600_000))).toBe('throttled');
    }
    expect(await pass(device(99), ACCEPTED)).toBe('accepted');
  });

  test('16 users, and accepts no device in between, is left alone though no device is proven', async () => {
    const unproven = (id: number) => device(id, { isProven: false });
    for (let id = 1; id <= 15; id++) expect(await pass(unproven(id), throttled(30_000))).toBe('throttled');
    expect(await pass(unproven(16), throttled(30_000))).toBe('throttled for 30000');
    clock.advance(30_000);
    // As a probe, one of these says nothing new.
    expect(await pass(unproven(17), throttled())).toBe('throttled');
    expect(await pass(device(99), ACCEPTED)).toBe('accepted');
  });

  test('a device that was accepted before, though the store does not know so, counts as it does', async () => {
    for (const id of [1, 2, 3]) await pass(device(id, { isProven: false }), ACCEPTED);
    for (const id of [1, 2]) await pass(device(id, { isProven: false }), throttled());
    expect(await pass(device(3, { isProven: false }), throttled())).toBe('throttled for 5000');
  });

  test('is left alone no longer than the shortest time that it asked for', async () => {
    await pass(device(1), throttled(86_400_000));
    await pass(device(2), throttled(60_000));
    expect(await pass(device(3), throttled(86_400_000))).toBe('throttled for 60000');
  });

  test('is asked by one of those that waited, and the others wait for what comes of it', async () => {
    await agree(throttled(1_000));
    clock.advance(5_000);
    const answer = Promise.withResolvers<AnswerClass>();
    const probe = gate.pass(device(1), () => answer.promise);
    expect(await pass(device(2), ACCEPTED)).toBe('throttled for 5000');
    answer.resolve({ kind: 'gone', scope: 'device' });
    expect(await probe).toMatchObject({ kind: 'gone' });
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
  });

  test('lets another ask where the one that asked came to nothing', async () => {
    await agree(throttled(1_000));
    clock.advance(5_000);
    await expect(gate.pass(device(1), () => Promise.reject(new Error('ended')))).rejects.toThrow('ended');
    expect(await pass(device(2), throttled())).toBe('throttled for 10000');
  });

  test('is asked again in time, whichever way the wall clock was set', async () => {
    await agree(throttled(60_000));
    clock.jump(-3_600_000);
    expect(await pass(device(1), ACCEPTED)).toBe('throttled for 60000');
    clock.advance(60_000);
    expect(await pass(device(1), ACCEPTED)).toBe('accepted');
    await agree(throttled(60_000));
    clock.jump(7_200_000);
    expect(await pass(device(1), ACCEPTED)).toBe('throttled for 60000');
  });
});

describe('an origin that refuses the token', () => {
  test('of three proven devices is left alone for that key, told of once, and told of when it is mended', async () => {
    const alone = 'misconfigured for 60000, alone';
    // Longer than the others, so that one of them asks next.
    expect(await agree(REFUSED)).toEqual([alone, alone, 'misconfigured for 65000']);
    expect(await pass(device(2), ACCEPTED)).toBe('misconfigured for 60000');
    expect(await pass(device(3, { key: 'another' }), ACCEPTED)).toBe('accepted');
    clock.advance(60_000);
    expect(await pass(device(2), REFUSED)).toBe('misconfigured for 125000');
    expect(told).toEqual([['fault', 101, 'BadJwtToken', 1]]);
    clock.advance(120_000);
    expect(await pass(device(2), ACCEPTED)).toBe('accepted');
    expect(told.at(-1)).toEqual(['mended', 2]);
    expect((await agree(REFUSED)).at(-1)).toBe('misconfigured for 65000');
    // Somebody was accepted a moment before, so that it took all three to know.
    expect(told.at(-1)).toEqual(['fault', 103, 'BadJwtToken', 3]);
  });

  test('of devices that were never accepted is left alone by none but those, and told of', async () => {
    const madeUp = (id: number) => device(id, { isProven: false });
    for (let id = 1; id <= 50; id++) {
      expect(await pass(madeUp(id), REFUSED)).toBe('misconfigured for 60000, alone');
      expect(await pass(madeUp(id), ACCEPTED)).toBe('misconfigured for 60000, alone');
    }
    expect(told).toEqual([['fault', 1, 'BadJwtToken', 1]]);
    expect(await pass(device(99), ACCEPTED)).toBe('accepted');
    expect(told.at(-1)).toEqual(['mended', 99]);
    expect(attempts).toBe(51);
  });

  test('is asked again by those that were accepted before, and others do not keep it closed', async () => {
    await agree(REFUSED);
    clock.advance(60_000);
    for (const id of [1, 2, 3]) {
      expect(await pass(device(id, { isProven: false }), REFUSED)).toBe('misconfigured for 60000, alone');
    }
    expect(await pass(device(4, { isProven: false }), ACCEPTED)).toBe('accepted');
  });

  test('to one device alone does not stop the others, and that device has a key mismatch', async () => {
    await pass(device(1), ACCEPTED);
    expect(await pass(device(2), REFUSED)).toBe('misconfigured for 60000, alone');
    expect(await pass(device(3), ACCEPTED)).toBe('accepted');
    expect(await pass(device(2), REFUSED)).toBe('key-mismatch');
    expect(told).toEqual([]);
  });

  test('because of the clock is left alone for every key, and no device is blamed', async () => {
    await pass(device(1), ACCEPTED);
    const skewed: AnswerClass = { ...REFUSED, scope: 'origin', clockSkewMs: 50_000_000 };
    expect((await agree(skewed)).at(-1)).toBe('misconfigured for 65000');
    expect(await pass(device(3, { key: 'another' }), ACCEPTED)).toBe('misconfigured for 60000');
    clock.advance(60_000);
    expect(await pass(device(2), skewed)).toBe('misconfigured for 125000');
  });

  test('because of the clock, to one device alone, does not blame it once others are accepted', async () => {
    const skewed: AnswerClass = { ...REFUSED, scope: 'origin', clockSkewMs: 50_000_000 };
    await pass(device(2), skewed);
    await pass(device(1), ACCEPTED);
    expect(await pass(device(2), skewed)).toBe('misconfigured for 60000, alone');
  });

  test('because of the clock, to the devices of one user, asks each of them once in a minute, whoever else is accepted', async () => {
    const skewed: AnswerClass = { ...REFUSED, scope: 'origin', clockSkewMs: 50_000_000 };
    const refused = Array.from({ length: 12 }, (_, index) => device(index + 1, { userId: 1 }));
    for (let second = 0; second < 50; second++) {
      for (const route of refused) await pass(route, skewed);
      expect(await pass(device(99), ACCEPTED)).toBe('accepted');
      clock.advance(1_000);
    }
    expect(attempts).toBe(12 + 50);
  });

  test('in many answers at once is left alone no longer than for one', async () => {
    const answers = [1, 2, 3, 4, 5].map((id) => gate.pass(device(id), () => Promise.resolve(REFUSED)));
    const outcomes = await Promise.all(answers);
    expect(outcomes.map((one) => one.kind === 'held' && one.until - clock.now())).toEqual([
      60_000, 60_000, 65_000, 65_000, 65_000,
    ]);
    expect(told).toHaveLength(1);
  });

  test('is not mended by what a device alone is to blame for', async () => {
    await agree(REFUSED);
    clock.advance(60_000);
    expect(await pass(device(2), { kind: 'gone', scope: 'device' })).toBe('gone');
    expect(await pass(device(3), REFUSED)).toBe('misconfigured for 125000');
    expect(told).toHaveLength(1);
  });
});

test('what the transport holds back waits for as long as that says, and has no attempt', async () => {
  expect(await pass(device(1), { kind: 'not-sent', scope: 'origin', retryAt: clock.now() + 7_000 })).toBe(
    'retrying for 7000',
  );
  expect(await pass(device(1), { kind: 'not-sent', scope: 'origin', retryAt: clock.now() })).toBe('retrying for 1000');
  expect(await pass(device(1), { kind: 'not-sent', scope: 'origin', retryAt: undefined })).toBe('retrying for 5000');
});
