import { generateVapidKeys } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { anAttempt } from '../testing/an-attempt.test-data.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { fakeTransport } from '../testing/fake-transport.test-data.ts';
import { type AttemptEffects, attemptDelivery } from './attempt-delivery.ts';
import { RetryPace } from './retry-pace.ts';

const clock = new FakeClock();
const keys = generateVapidKeys();

const attempt = anAttempt({ attempts: 0, expiresAt: clock.now() + 60_000, vapidPublicKey: keys.publicKey });

function effects(find: AttemptEffects['keyRing']['find']): AttemptEffects {
  return {
    clock,
    keyRing: {
      known: () => undefined,
      find,
      newest: async () => keys.publicKey,
      newestKnown: () => keys.publicKey,
      rotate: async () => {},
    },
    gate: { pass: async () => ({ kind: 'accepted', scope: 'device' }) },
    pace: new RetryPace({ clock, isProven: () => true }),
    encrypt: async () => new Uint8Array(),
    authorizer: { authorize: () => '', refused() {} },
    transport: fakeTransport(async () => ({ kind: 'no-answer', reason: 'connection' })),
    padToBytes: 0,
    warnOfSize() {},
  };
}

const { signal } = new AbortController();

test.each<[string, AttemptEffects['keyRing']['find'], string]>([
  ['has it', async () => keys, 'accepted'],
  ['does not have it', async () => undefined, 'key-mismatch'],
  ['does not answer', () => Promise.reject(new Error('the database is away')), 'retrying'],
])('a device of a key that is not known, where the store %s', async (_what, find, kind) => {
  expect(await attemptDelivery(attempt, effects(find), { signal })).toMatchObject({ kind });
});
