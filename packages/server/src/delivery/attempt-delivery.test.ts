import { branded, generateVapidKeys } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { type Attempt, type AttemptEffects, attemptDelivery } from './attempt-delivery.ts';

const clock = new FakeClock();
const keys = generateVapidKeys();

const attempt: Attempt = {
  message: {
    stored: { id: branded('message'), seq: branded(1), content: '{}' },
    options: { ttl: branded(60) },
    plaintextFor: () => Buffer.from('{}'),
  },
  device: {
    id: branded(1),
    publicId: branded('device'),
    binding: branded('binding'),
    endpoint: branded('https://push.example.net/1'),
    p256dh: branded(new Uint8Array(65)),
    auth: branded(new Uint8Array(16)),
    vapidPublicKey: keys.publicKey,
    pageOrigin: null,
    isFailing: false,
  },
  attempts: 0,
  expiresAt: clock.now() + 60_000,
};

function effects(find: AttemptEffects['keyRing']['find']): AttemptEffects {
  return {
    clock,
    keyRing: { known: () => undefined, find, newest: async () => keys.publicKey, rotate: async () => {} },
    gate: { pass: async () => ({ kind: 'accepted', scope: 'device' }) },
    encrypt: async () => new Uint8Array(),
    authorize: () => '',
    transport: { send: async () => ({ kind: 'no-answer', reason: 'connection' }), pause() {}, close() {} },
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
