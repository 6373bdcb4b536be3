import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createRefusals, type Route } from './refusals.ts';

/** A proven device of a user of its own, if nothing else is said. */
const device = (id: number, { key = 'key', userId = id, isProven = true } = {}): Route => ({
  origin: branded('https://push.example.net'),
  key: branded(key),
  deviceId: branded(id),
  endpoint: branded(`https://push.example.net/${id}`),
  userId,
  isProven,
});

const madeUp = (id: number) => device(id, { isProven: false });

function start() {
  const clock = new FakeClock();
  const refusals = createRefusals(clock);
  const refused = (route: Route) => refusals.refused(route).against;
  return { clock, refusals, refused, accepted: refusals.accepted };
}

test('where nobody is accepted, three proven devices of two users are refused by the configuration', () => {
  const { refused } = start();
  const routes = [device(1), device(2, { userId: 1 }), device(1), device(3)];
  expect(routes.map(refused)).toEqual(['undecided', 'undecided', 'undecided', 'configuration']);
});

test('one user, however many devices are refused, never speaks against the configuration', () => {
  const { refused } = start();
  const verdicts = Array.from({ length: 50 }, (_, id) => refused(device(id, { userId: 1 })));
  expect(new Set(verdicts)).toEqual(new Set(['undecided']));
});

test('devices that were never accepted never speak against the configuration, however many users have them', () => {
  const { refused } = start();
  const verdicts = Array.from({ length: 50 }, (_, id) => refused(madeUp(id)));
  expect(new Set(verdicts)).toEqual(new Set(['undecided']));
});

test('devices that were accepted in this process are proven, but not for another key or endpoint', () => {
  const { refused, accepted } = start();
  for (const id of [1, 2, 3]) accepted(madeUp(id));
  expect([1, 2, 3].map((id) => refused({ ...madeUp(id), key: branded('another') }))).not.toContain('configuration');
  const moved = [1, 2, 3].map(
    (id): Route => ({ ...madeUp(id), endpoint: branded(`https://push.example.net/new/${id}`) }),
  );
  expect(moved.map(refused)).not.toContain('configuration');
  expect([1, 2, 3].map((id) => refused(madeUp(id)))).toEqual(['undecided', 'undecided', 'configuration']);
});

test('an acceptance ends what was said against the configuration', () => {
  const { refused, accepted } = start();
  for (const id of [1, 2]) refused(device(id));
  accepted(device(9));
  expect([3, 4, 5].map((id) => refused(device(id)))).toEqual(['undecided', 'undecided', 'configuration']);
});

test('a device is at fault once another was accepted after its refusal, from then on', () => {
  const { accepted, refused } = start();
  expect(refused(device(1))).toBe('undecided');
  accepted(device(2));
  expect([refused(device(1)), refused(device(1))]).toEqual(['device', 'device']);
});

test('a proven device is not at fault where only one was accepted that was never accepted before', () => {
  const { accepted, refused, refusals } = start();
  for (const route of [device(1), madeUp(2)]) refused(route);
  accepted(madeUp(3));
  expect([device(1), madeUp(2)].map(refusals.isDecided)).toEqual([false, true]);
  expect([device(1), madeUp(2)].map(refused)).toEqual(['undecided', 'device']);
  accepted(madeUp(3));
  expect(refusals.isDecided(device(1))).toBe(true);
  expect(refused(device(1))).toBe('device');
});

test('what the configuration was to blame for is held against no device later', () => {
  const { accepted, refused } = start();
  for (const id of [1, 2, 3]) refused(device(id));
  accepted(device(9));
  expect(refused(device(1))).toBe('undecided');
});

test('an acceptance under another key says nothing', () => {
  const { accepted, refused } = start();
  refused(device(1));
  accepted(device(2, { key: 'another' }));
  expect(refused(device(1))).toBe('undecided');
});

test('a device that was accepted itself speaks for nobody else being at fault', () => {
  const { accepted, refused } = start();
  accepted(device(1));
  expect(refused(device(1))).toBe('undecided');
});

test('refusals are a fault of the configuration where nobody was accepted for ten minutes', () => {
  const { accepted, refusals, clock } = start();
  expect(refusals.refused(madeUp(1))).toMatchObject({ isFault: true, refusedDevices: 1 });
  accepted(device(9));
  clock.advance(599_999);
  expect(refusals.refused(madeUp(2))).toMatchObject({ isFault: false, refusedDevices: 1 });
  clock.advance(1);
  expect(refusals.refused(madeUp(3))).toMatchObject({ isFault: true, refusedDevices: 2 });
});

test('a refused device waits twice as long each time, up to an hour, and several messages at once are one time', () => {
  const { refusals, clock } = start();
  const waits = Array.from({ length: 8 }, () => {
    const [first, second] = [refusals.refused(madeUp(1)), refusals.refused(madeUp(1))];
    if (first.against === 'device') throw new Error('nobody was accepted');
    expect(second).toEqual(first);
    clock.advance(first.holdMs);
    return first.holdMs / 60_000;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});
