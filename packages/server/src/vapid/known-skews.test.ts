import { branded } from '@belfry/protocol';
import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createKnownSkews, type KnownSkews, type TokenDevice } from './known-skews.ts';

const HOUR_MS = 3_600_000;
const AHEAD_MS = 13 * HOUR_MS;

let clock: FakeClock;
let skews: KnownSkews;
beforeEach(() => {
  clock = new FakeClock();
  skews = createKnownSkews(clock);
});

/** A proven device of a user of its own, if nothing else is said. */
function device(id: number, { userId = id, isProven = true } = {}): TokenDevice {
  const origin = 'https://push.example.net';
  return { origin: branded(origin), endpoint: branded(`${origin}/${id}`), userId, isProven };
}

/** The push service refuses the device's token, and says how far our clock is ahead. */
function refuse(refused: TokenDevice, clockSkewMs = AHEAD_MS): boolean {
  return skews.refused(refused, { tokenSkewMs: skews.of(refused), clockSkewMs });
}

function accept(accepted: TokenDevice): void {
  skews.accepted(accepted, skews.of(accepted));
}

const OTHER = device(99);

test('a refused device gets a token for the time of its push service, and the devices of other users do not', () => {
  expect(refuse(device(1))).toBe(true);
  expect([device(1), OTHER].map(skews.of)).toEqual([AHEAD_MS, 0]);
});

test.each([
  ['proven', true],
  ['unproven', false],
])(
  'one user, however many %s devices are refused or accepted for another time, changes no other token',
  (_what, isProven) => {
    for (let id = 1; id <= 50; id++) {
      const own = device(id, { userId: 1, isProven });
      refuse(own);
      accept(own);
    }
    expect(skews.of(OTHER)).toBe(0);
  },
);

test('a message that is accepted with the present token ends what devices said before', () => {
  for (const [first, second, third] of [
    [1, 2, 3],
    [4, 5, 6],
  ] as const) {
    refuse(device(first));
    refuse(device(second));
    accept(OTHER);
    refuse(device(third));
    accept(OTHER);
  }
  expect(skews.of(OTHER)).toBe(0);
});

test('what a device said ends with such a message also when the device has taken it back', () => {
  refuse(device(1));
  refuse(device(2, { userId: 1 }));
  for (const id of [1, 2]) refuse(device(id), 0);
  accept(OTHER);
  refuse(device(3));
  expect(skews.of(OTHER)).toBe(0);
});

test.each<[string, (id: number) => TokenDevice, number]>([
  ['three proven devices of three users', (id) => device(id), 3],
  ['unproven devices of 16 users', (id) => device(id, { isProven: false }), 16],
])('%s, and nobody accepted in between, change the token for all', (_who, deviceOf, count) => {
  for (let id = 1; id < count; id++) refuse(deviceOf(id));
  expect(skews.of(OTHER)).toBe(0);
  refuse(deviceOf(count));
  expect(skews.of(OTHER)).toBe(AHEAD_MS);
  accept(OTHER);
  // The push service's clock was wrong, and somebody sets it right.
  for (let id = 1; id <= count; id++) refuse(deviceOf(id), 0);
  expect(skews.of(OTHER)).toBe(0);
});

test('what several accounts made up holds until one other device is refused for it', () => {
  for (const id of [1, 2, 3]) refuse(device(id));
  expect(skews.of(OTHER)).toBe(AHEAD_MS);
  refuse(OTHER, 0);
  expect([OTHER, device(98), device(1)].map(skews.of)).toEqual([0, 0, AHEAD_MS]);
});

test('what was accepted since ends by the word of several devices alone', () => {
  for (const id of [1, 2, 3]) refuse(device(id));
  accept(OTHER);
  for (const id of [11, 12]) refuse(device(id, { userId: 11 }), 0);
  expect([OTHER, device(11)].map(skews.of)).toEqual([AHEAD_MS, 0]);
});

test('where each device was refused once and is accepted since, new devices are not refused for ever', () => {
  for (const id of [1, 2, 3]) {
    refuse(device(id, { isProven: false }));
    accept(device(id, { isProven: false }));
  }
  expect(skews.of(OTHER)).toBe(0);
  for (const id of [1, 2, 3]) accept(device(id));
  expect(skews.of(OTHER)).toBe(AHEAD_MS);
});

test('a token that was made for the time of the push service is no fault of a clock', () => {
  expect(refuse(device(1), 30 * 60_000)).toBe(false);
  expect(refuse(device(1), AHEAD_MS - 29 * 60_000)).toBe(true);
  expect(refuse(device(1), AHEAD_MS + 29 * 60_000)).toBe(false);
  expect(skews.of(device(1))).toBe(AHEAD_MS);
});

test('devices that are told slightly different times share a token', () => {
  for (const [id, ms] of [
    [1, 0],
    [2, 999],
    [3, -2_000],
  ] as const) {
    refuse(device(id, { userId: 1 }), AHEAD_MS + ms);
    expect(skews.of(device(id))).toBe(AHEAD_MS);
  }
});

test('when somebody sets the clock, nothing is known any more', () => {
  for (const id of [1, 2, 3, 4]) refuse(device(id));
  refuse(device(4), 0);
  clock.jump(-AHEAD_MS);
  expect([device(1), device(4), OTHER].map(skews.of)).toEqual([0, 0, 0]);
  for (const id of [1, 2]) refuse(device(id));
  clock.jump(HOUR_MS);
  refuse(device(3));
  expect(skews.of(OTHER)).toBe(0);
});
