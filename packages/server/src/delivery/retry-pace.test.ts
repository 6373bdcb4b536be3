import { branded } from '@belfry/protocol';
import { beforeEach, expect, test } from 'vitest';
import { LONGEST_HELD_RETRY_MS, MAX_PACED_USERS, USER_RETRY_MS } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import type { JudgedOutcome } from './origin-gate.ts';
import type { Route } from './refusals.ts';
import { RetryPace } from './retry-pace.ts';

const ACCEPTED: JudgedOutcome = { kind: 'accepted', scope: 'device' };
const NO_RESPONSE: JudgedOutcome = { kind: 'retrying', scope: 'device', retryAfterMs: undefined };

/** A push service's name that a user made up. */
const NEVER_RESPONDED = 'https://never.example';

let clock: FakeClock;
let pace: RetryPace;
beforeEach(() => {
  clock = new FakeClock();
  pace = new RetryPace({ clock, isProven: (origin) => origin !== NEVER_RESPONDED });
});

const userAt = (userId: number, origin = 'https://a.example'): Pick<Route, 'origin' | 'userId'> => ({
  origin: branded(origin),
  userId,
});

/** After how long so many deliveries come again, that would come after `USER_RETRY_MS`. */
function delays(
  count: number,
  route = userAt(1),
  { scope = 'device', isBroadcast = false }: { scope?: 'device' | 'origin'; isBroadcast?: boolean } = {},
): number[] {
  return Array.from({ length: count }, () => {
    const until = clock.now() + USER_RETRY_MS;
    const held = { kind: 'held', because: 'retrying', until, wasSent: false, scope } as const;
    const outcome = pace.apply(route, { outcome: held, isBroadcast });
    return outcome.kind === 'held' ? outcome.until - clock.now() : 0;
  });
}

test('600 deliveries at once come again as they would, and those beyond that 20 a second', () => {
  expect(delays(600)).toEqual(Array(600).fill(USER_RETRY_MS));
  expect(delays(3)).toEqual([USER_RETRY_MS + 50, USER_RETRY_MS + 100, USER_RETRY_MS + 150]);
});

test('other users, other push services and what waits for the whole push service are not delayed', () => {
  delays(2_000);
  expect(delays(1, userAt(2))).toEqual([USER_RETRY_MS]);
  expect(delays(1, userAt(1, 'https://b.example'))).toEqual([USER_RETRY_MS]);
  expect(delays(1, userAt(1), { scope: 'origin' })).toEqual([USER_RETRY_MS]);
});

test('what waits for a push service that has not responded lately is spaced out too', () => {
  expect(delays(2_000, userAt(1, NEVER_RESPONDED), { scope: 'origin' }).at(-1)).toBe(100_000);
  // A broadcast, which waits as a whole, is not held by the line of one user.
  const page = delays(1, userAt(1, NEVER_RESPONDED), { scope: 'origin', isBroadcast: true });
  expect(page).toEqual([USER_RETRY_MS]);
});

test('where requests have no response one comes a second, until one is accepted', () => {
  pace.apply(userAt(1), { outcome: NO_RESPONSE, isBroadcast: false });
  expect(delays(31).at(-1)).toBe(31_000);
  pace.apply(userAt(1), { outcome: ACCEPTED, isBroadcast: false });
  expect(delays(100).at(-1)).toBe(USER_RETRY_MS);
  // It goes on where it was: who has responses now and then comes no more often.
  pace.apply(userAt(1), { outcome: NO_RESPONSE, isBroadcast: false });
  expect(delays(1)).toEqual([32_000]);
});

test('nobody waits for more than an hour, and what is too many for that is spread out', () => {
  pace.apply(userAt(1), { outcome: NO_RESPONSE, isBroadcast: false });
  const all = delays(20_000);
  expect(Math.max(...all)).toBe(LONGEST_HELD_RETRY_MS);
  const inASecond = Map.groupBy(
    all.filter((delayMs) => delayMs > USER_RETRY_MS),
    (delayMs) => delayMs,
  );
  expect(Math.max(...[...inASecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(11);
});

test('the users that it knows are bounded', () => {
  delays(2_000);
  for (let id = 0; id < MAX_PACED_USERS; id++)
    pace.apply(userAt(1_000 + id), { outcome: NO_RESPONSE, isBroadcast: false });
  expect(delays(1)).toEqual([USER_RETRY_MS]);
});
