import { branded, type Endpoint, generateVapidKeys, parseSubject, type PushServiceOrigin } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { MAX_VAPID_TOKENS } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import type { TokenDevice } from './known-skews.ts';
import { createVapidAuthorizer } from './vapid-authorizer.ts';

/** A device of the user with this number. */
function device(userId: number, origin: PushServiceOrigin = branded('https://push.example.net')): TokenDevice {
  const endpoint = branded<string, 'Endpoint'>(`${origin}/${userId}`) satisfies Endpoint;
  return { origin, endpoint, userId, isProven: true };
}

test('tokens for made-up push services do not grow without a bound, and do not push out one that is used', () => {
  const subject = parseSubject('mailto:ops@example.com');
  if (!subject.ok) throw new Error('it is a subject');
  const { authorize } = createVapidAuthorizer({ subject: subject.value, clock: new FakeClock() });
  const keys = generateVapidKeys();
  const tokenFor = (host: string): string => authorize(device(1, branded(`https://${host}`)), keys).header;

  const [used, unused] = [tokenFor('used.example.net'), tokenFor('unused.example.net')];
  for (let made = 0; made < MAX_VAPID_TOKENS; made += 1) {
    tokenFor(`made-up-${made}.example.net`);
    expect(tokenFor('used.example.net')).toBe(used);
  }
  // A signature is a new one each time: the same token says that it was kept.
  expect(tokenFor('unused.example.net')).not.toBe(unused);
});

describe('where the clock is wrong', () => {
  const HOUR_MS = 3_600_000;
  const DEVICE = device(1);

  function prepare() {
    const subject = parseSubject('mailto:ops@example.com');
    if (!subject.ok) throw new Error('it is a subject');
    const clock = new FakeClock();
    const { authorize, refused } = createVapidAuthorizer({ subject: subject.value, clock });
    const keys = generateVapidKeys();
    const token = (): string => authorize(DEVICE, keys).header;
    return { clock, token, refused };
  }

  function expiryOf(header: string): number {
    const claims = /t=[^.]+\.([^.]+)\./v.exec(header)?.[1] ?? '';
    const { exp }: { exp: number } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return exp * 1000;
  }

  test.each([HOUR_MS, 13 * HOUR_MS, 24 * HOUR_MS])('a token is made anew once it was set back by %i ms', (stepMs) => {
    const { clock, token } = prepare();
    const before = token();
    expect(token()).toBe(before);
    clock.jump(-stepMs);
    expect(expiryOf(token()) - clock.now()).toBe(12 * HOUR_MS);
  });

  test('a token is made anew once it was set ahead', () => {
    const { clock, token } = prepare();
    token();
    clock.jump(13 * HOUR_MS);
    expect(expiryOf(token()) - clock.now()).toBe(12 * HOUR_MS);
  });

  test('a token that is refused for it is not used again, and the next is for the time of the push service', () => {
    const { clock, token, refused } = prepare();
    const serviceNow = (): number => clock.elapsed();
    clock.jump(13 * HOUR_MS);
    expect(expiryOf(token()) - serviceNow()).toBe(25 * HOUR_MS);
    refused(DEVICE, { tokenSkewMs: 0, clockSkewMs: 13 * HOUR_MS });
    const mended = token();
    expect(expiryOf(mended) - serviceNow()).toBe(12 * HOUR_MS);
    expect(token()).toBe(mended);
    clock.advance(12 * HOUR_MS);
    expect(expiryOf(token()) - serviceNow()).toBe(12 * HOUR_MS);
    // Somebody sets the clock right.
    clock.jump(-13 * HOUR_MS);
    expect(expiryOf(token()) - serviceNow()).toBe(12 * HOUR_MS);
  });
});
