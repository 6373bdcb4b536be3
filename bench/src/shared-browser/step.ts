import fc from 'fast-check';

/** What a former user does with what they noted, or with a request that they recorded. */
export type Attack =
  | 'resubscribe'
  | 'remove'
  | 'remove-by-endpoint'
  | 'report'
  | 'subscribe-own'
  | 'subscribe-shared'
  | 'take-over'
  | 'replay';

export type Step =
  | { readonly does: 'sign-in'; readonly browser: number; readonly user: number; readonly identify: boolean }
  | {
      readonly does:
        | 'refresh'
        | 'refresh-cut-short'
        | 'worker'
        | 'logout'
        | 'sign-out'
        | 'end-session'
        | 'resubscribe'
        | 'prune';
      readonly browser: number;
    }
  | { readonly does: 'attack'; readonly user: number; readonly how: Attack; readonly note: number };

export const BROWSERS = 2;
export const USERS = 3;
const MAX_STEPS = 14;

const browser = fc.nat({ max: BROWSERS - 1 });
const user = fc.nat({ max: USERS - 1 });
// A take-over needs the most steps before it, so that it is tried the most.
const attack = fc.constantFrom<Attack[]>(
  'take-over',
  'take-over',
  'take-over',
  'resubscribe',
  'remove',
  'remove-by-endpoint',
  'report',
  'subscribe-own',
  'subscribe-shared',
  'take-over',
  'replay',
);

/** What may happen on two browsers that three users share; most of it on the first. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constant('sign-in' as const), browser, user, identify: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constantFrom('refresh' as const, 'refresh' as const, 'worker' as const, 'refresh-cut-short' as const),
        browser,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constantFrom(
          'logout' as const,
          'sign-out' as const,
          'end-session' as const,
          'resubscribe' as const,
          'prune' as const,
        ),
        browser,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ does: fc.constant('attack' as const), user, how: attack, note: fc.nat({ max: 9 }) }),
    },
  ),
  { minLength: 3, maxLength: MAX_STEPS, size: 'max' },
);
