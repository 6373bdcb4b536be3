import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { APPLICATION_TIMEOUT_MS } from '../limits.ts';
import { errorPlace } from './error-place.ts';
import type { ReportFault } from './fault-log.ts';

/** A callback of the application that decides who someone is, or what they may do. */
export type ApplicationCallback = 'authenticate' | 'authorizeTopic';

/**
 * Calls it. One that throws, rejects, does not settle in time or returns what it must not lets nobody in.
 *
 * @throws {BelfryError} `identity-unavailable`
 */
export type AskApplication = <Result>(
  name: ApplicationCallback,
  ask: () => Result | Promise<Result>,
) => Promise<Result>;

export function createAskApplication(effects: {
  readonly clock: Clock;
  readonly reportFault: ReportFault;
}): AskApplication {
  const { clock, reportFault } = effects;
  return async (name, ask) => {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const cancel = clock.after(APPLICATION_TIMEOUT_MS, () => reject(new CallbackTimeoutError()));
    try {
      // What an async function throws before its first await rejects too.
      return await Promise.race([(async () => await ask())(), timeout]);
    } catch (error) {
      reportFault(`${name}-failed`, faultFields(error));
      throw new BelfryError('identity-unavailable', `\`${name}\` failed; try again later`);
    } finally {
      cancel();
    }
  };
}

/** A callback returned what it must not. The message is Belfry's own and holds nothing of the result, so it may be logged. */
export class InvalidResultError extends Error {
  override readonly name = 'InvalidResultError';
}

function faultFields(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof InvalidResultError) return { error: error.name, reason: error.message };
  return error instanceof CallbackTimeoutError ? { error: error.name } : { ...errorPlace(error) };
}

class CallbackTimeoutError extends Error {
  override readonly name = 'CallbackTimeoutError';
}
