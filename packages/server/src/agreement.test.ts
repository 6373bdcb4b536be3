import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { Agreement } from './agreement.ts';

function agreementOf(endpoints: readonly string[]): Agreement {
  const agreement = new Agreement();
  for (const [i, endpoint] of endpoints.entries()) {
    agreement.add({ userId: i % 2, endpoint: branded(endpoint), isProven: true, delayMs: 1_000 });
  }
  return agreement;
}

test('three subscriptions of two users agree', () => {
  const fcm = 'https://fcm.googleapis.com/fcm/send';
  expect(agreementOf([`${fcm}/a`, `${fcm}/b`, `${fcm}/c`]).isReached).toBe(true);
});

test('a subscription that moved between two users counts once', () => {
  const fcm = 'https://fcm.googleapis.com/fcm/send';
  expect(agreementOf([`${fcm}/a`, `${fcm}/a`, `${fcm}/b`, `${fcm}/b`]).isReached).toBe(false);
});

test.each([
  { service: 'FCM', endpoints: ['fcm/send', 'wp', 'preprod/wp'].map((path) => `https://fcm.googleapis.com/${path}/a`) },
  {
    service: 'WNS',
    endpoints: ['a%2b', 'a%2B', 'a%2B', 'a%2b'].map((token) => `https://a.notify.windows.com/w/?token=${token}`),
  },
])('one subscription at $service, spelled in several ways, does not make two users agree', ({ endpoints }) => {
  expect(agreementOf(endpoints).isReached).toBe(false);
});
