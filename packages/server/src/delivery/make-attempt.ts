import { ProtocolError } from '@belfry/protocol';
import type { Logger } from '../effects.ts';
import {
  type Attempt,
  type AttemptEffects,
  type AttemptOptions,
  type AttemptOutcome,
  attemptDelivery,
} from './attempt-delivery.ts';

/** Makes one attempt. Rejects for an abort alone. */
export type MakeAttempt = (attempt: Attempt, options: AttemptOptions) => Promise<AttemptOutcome>;

/** What cannot even be attempted would fail at every start again: it is given up, and told. */
export function createMakeAttempt(effects: AttemptEffects & { readonly logger: Logger }): MakeAttempt {
  return async (attempt, options) => {
    try {
      return await attemptDelivery(attempt, effects, options);
    } catch (error) {
      options.signal.throwIfAborted();
      effects.logger.error('A message could not be made ready for a device', {
        message: attempt.message.stored.id,
        error: kindOfError(error),
      });
      return { kind: 'rejected', scope: 'device', status: 0, blames: 'message' };
    }
  };
}

/** Without its text, which may quote the message: a syntax error in a damaged row does. */
function kindOfError(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
