import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { anAttempt } from '../testing/an-attempt.test-data.ts';
import type { AttemptOutcome } from './attempt-delivery.ts';
import { recordedOutcome } from './recorded-outcome.ts';

const NOW = 1_700_000_000_000;
const ENDPOINT = branded<string, 'Endpoint'>('https://push.example.net/1');

const attempt = anAttempt({ attempts: 2, expiresAt: NOW + 60_000 });

const held = (because: 'throttled' | 'retrying', afterMs: number): AttemptOutcome => ({
  kind: 'held',
  because,
  until: NOW + afterMs,
  wasSent: false,
  scope: 'origin',
});
const misconfigured = (afterMs: number): AttemptOutcome => ({
  kind: 'held',
  because: 'misconfigured',
  status: 403,
  until: NOW + afterMs,
  wasSent: false,
  scope: 'origin',
});
const retrying = (retryAfterMs?: number): AttemptOutcome => ({ kind: 'retrying', scope: 'device', retryAfterMs });
const rejected = (status: number, blames: 'message' | 'unknown'): AttemptOutcome => ({
  kind: 'rejected',
  scope: 'device',
  status,
  blames,
});

test.each<[string, AttemptOutcome, object]>([
  [
    'is held back, which is no attempt',
    held('throttled', 30_000),
    { state: 'retrying', runAt: NOW + 30_000, isHeld: true },
  ],
  ['is held back beyond its time', held('retrying', 60_000), { state: 'expired' }],
  ['is held back by a fault', misconfigured(30_000), { state: 'retrying', runAt: NOW + 30_000, isHeld: true }],
  ['is held back by a fault beyond its time', misconfigured(60_000), { state: 'misconfigured' }],
  ['failed for a third time', retrying(), { state: 'retrying', runAt: NOW + 20_000 }],
  ['failed, and may be tried only later', retrying(45_000), { state: 'retrying', runAt: NOW + 45_000 }],
  ['failed, and may be tried only when it is over', retrying(60_000), { state: 'expired' }],
  ['is not accepted for a reason of its own', rejected(413, 'message'), { state: 'rejected' }],
  ['is not accepted, maybe because of the device', rejected(418, 'unknown'), { state: 'rejected', endpoint: ENDPOINT }],
  ['is dropped with a 200', rejected(200, 'unknown'), { state: 'rejected' }],
  ['was not sent', rejected(0, 'unknown'), { state: 'rejected' }],
  ['has nobody to reach', { kind: 'gone', scope: 'device' }, { state: 'gone', endpoint: ENDPOINT }],
])('a message that %s', (_what, outcome, recorded) => {
  expect(recordedOutcome(attempt, outcome, { now: NOW, random: () => 0 })).toEqual(recorded);
});

test('a message of TTL 0 is never tried again', () => {
  const message = { ...attempt.message, options: { ttl: branded<number, 'Ttl'>(0) } };
  for (const outcome of [retrying(), held('throttled', 1)]) {
    expect(recordedOutcome({ ...attempt, message }, outcome, { now: NOW, random: () => 0 })).toEqual({
      state: 'expired',
    });
  }
});
