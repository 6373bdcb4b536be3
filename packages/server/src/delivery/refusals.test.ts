import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createRefusals, type Route } from './refusals.ts';

const device = (id: number, key = 'key'): Route => ({
  origin: branded('https://push.example.net'),
  key: branded(key),
  deviceId: branded(id),
});

function start() {
  const clock = new FakeClock();
  return { clock, ...createRefusals(clock) };
}

test('where nobody is accepted, it is the configuration', () => {
  const { refused } = start();
  expect([refused(device(1)), refused(device(2)), refused(device(1))]).toEqual(Array(3).fill('configuration'));
});

test('a device is at fault once another was accepted after its refusal, from then on', () => {
  const { accepted, refused } = start();
  expect(refused(device(1))).toBe('configuration');
  accepted(device(2));
  expect([refused(device(1)), refused(device(1))]).toEqual(['device', 'device']);
});

test('an acceptance under another key says nothing', () => {
  const { accepted, refused } = start();
  refused(device(1));
  accepted(device(2, 'another'));
  expect(refused(device(1))).toBe('configuration');
});

test('a device that was accepted itself speaks for nobody else being at fault', () => {
  const { accepted, refused } = start();
  accepted(device(1));
  expect(refused(device(1))).toBe('configuration');
});

test('one refusal among acceptances is undecided, and a service that has begun to refuse everybody is recognised', () => {
  const { accepted, refused } = start();
  accepted(device(9));
  expect([1, 2, 3, 1].map((id) => refused(device(id)))).toEqual([
    'undecided',
    'undecided',
    'configuration',
    'configuration',
  ]);
  accepted(device(9));
  expect(refused(device(1))).toBe('device');
});

test('an acceptance of long ago leaves nothing undecided', () => {
  const { accepted, refused, clock } = start();
  accepted(device(9));
  clock.advance(600_000);
  expect(refused(device(1))).toBe('configuration');
});
