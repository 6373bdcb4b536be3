import { branded, generateVapidKeys, parseSubject } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { MAX_VAPID_TOKENS } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createVapidAuthorizer } from './vapid-authorizer.ts';

test('tokens for made-up push services do not grow without a bound, and do not push out one that is used', () => {
  const subject = parseSubject('mailto:ops@example.com');
  if (!subject.ok) throw new Error('it is a subject');
  const authorize = createVapidAuthorizer({ subject: subject.value, clock: new FakeClock() });
  const keys = generateVapidKeys();
  const tokenFor = (host: string): string => authorize(branded(`https://${host}`), keys);

  const [used, unused] = [tokenFor('used.example.net'), tokenFor('unused.example.net')];
  for (let made = 0; made < MAX_VAPID_TOKENS; made += 1) {
    tokenFor(`made-up-${made}.example.net`);
    expect(tokenFor('used.example.net')).toBe(used);
  }
  // A signature is a new one each time: the same token says that it was kept.
  expect(tokenFor('unused.example.net')).not.toBe(unused);
});
