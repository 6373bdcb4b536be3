import { generateVapidKeys } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { anAttempt } from '../testing/an-attempt.test-data.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { fakeTransport } from '../testing/fake-transport.test-data.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import { type AttemptEffects, attemptDelivery } from './attempt-delivery.ts';
import type { OriginGate } from './origin-gate.ts';
import { RetryPace } from './retry-pace.ts';
import { Withdrawn } from './withdrawn.ts';

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
    refusals: { isProven: (route) => route.isProven },
    withdrawn: new Withdrawn(),
    pace: new RetryPace({ clock, isProven: () => true }),
    encrypt: async () => new Uint8Array(),
    authorizer: { authorize: () => ({ header: '', skewMs: 0 }), accepted() {}, refused: () => false },
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

test.each([
  { isProven: true, isRemembered: false },
  { isProven: false, isRemembered: true },
  { isProven: false, isRemembered: false },
])(
  'the transport hears whether the device has accepted a message before, by the store or by memory: %j',
  async ({ isProven, isRemembered }) => {
    const heard: unknown[] = [];
    const transport: PushTransport = {
      ...fakeTransport(async (_request, _signal, options) => {
        heard.push(options?.hasAccepted);
        return { kind: 'no-answer', reason: 'connection' };
      }),
      refusal(_origin, options) {
        heard.push(options?.hasAccepted);
        return undefined;
      },
    };
    const gate: OriginGate = {
      async pass(_route, sendNow) {
        await sendNow();
        return { kind: 'accepted', scope: 'device' };
      },
    };
    const known = { ...attempt, device: { ...attempt.device, isProven } };
    const refusals = { isProven: () => isProven || isRemembered };
    await attemptDelivery(known, { ...effects(async () => keys), refusals, transport, gate }, { signal });
    expect(heard).toEqual([isProven || isRemembered, isProven || isRemembered]);
  },
);
