import { createBelfry } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';
import fc from 'fast-check';
import { fastClock } from '../chaos/fast-clock.ts';
import { expectServed, takeAndCheck } from './check-world.ts';
import { BROWSERS, type Step, steps } from './step.ts';
import { newWorld, ORIGIN } from './world.ts';

export interface CheckSequences {
  readonly sequences: number;
  readonly seed: number;
  /** Called after each sequence. */
  onSequence?(): void;
  readonly signal?: AbortSignal;
}

export interface CheckedSequences {
  readonly sequences: number;
  /** Steps of all sequences. */
  readonly steps: number;
  /** The shortest sequence that breaks a rule, and which rule; null where none does. */
  readonly broken: { readonly rule: string; readonly steps: readonly Step[] } | null;
}

/** Rates are limited by the minute; here a minute is over soon. */
const PACE = { speed: 100_000, sinceMs: 0 };

/** Runs random sequences against the real routes and a real store, each with users, browsers and endpoints of its own. */
export async function checkSequences({
  sequences,
  seed,
  onSequence,
  signal,
}: CheckSequences): Promise<CheckedSequences> {
  const store = await sqlite(':memory:')();
  const clock = { ...fastClock(PACE), now: () => 1_700_000_000_000 };
  const belfry = await createBelfry({
    store: async () => store,
    subject: 'mailto:ops@example.com',
    origins: [ORIGIN],
    authenticate: (request) => {
      const userId = request.headers.get('x-user');
      return userId === null ? null : { userId, sessionId: request.headers.get('x-session') ?? '' };
    },
    clock: { ...clock, after: () => () => {} },
    logger: { info() {}, warn() {}, error() {} },
    env: {},
  });
  let taken = 0;
  try {
    const property = fc.asyncProperty(steps, async (sequence) => {
      signal?.throwIfAborted();
      const world = newWorld({ belfry, store }, BROWSERS);
      for (const step of sequence) {
        // oxlint-disable-next-line no-await-in-loop -- one thing after the other
        await takeAndCheck(world, step);
        taken += 1;
      }
      await expectServed(world);
      onSequence?.();
    });
    const details = await fc.check(property, { numRuns: sequences, seed });
    signal?.throwIfAborted();
    const [shortest] = details.counterexample ?? [];
    const rule = details.errorInstance instanceof Error ? details.errorInstance.message : 'unknown';
    return {
      sequences: details.numRuns,
      steps: taken,
      broken: shortest === undefined ? null : { rule, steps: shortest },
    };
  } finally {
    await belfry.close();
  }
}
