import { ProtocolError } from '@belfry/protocol';
import type { Delivery } from '@belfry/store';
import type { Logger } from '../effects.ts';
import { AbortWatch } from '../transport/abort-watch.ts';
import { type AttemptEffects, type AttemptOutcome, attemptDelivery } from './attempt-delivery.ts';
import { attemptResult } from './attempt-result.ts';
import { type DeviceOutcome, deviceOutcome } from './device-outcome.ts';
import type { ResultRecorder } from './result-recorder.ts';

export interface DelivererOptions extends AttemptEffects {
  readonly recorder: ResultRecorder;
  readonly logger: Logger;
  /** Between 0 and 1. */
  random(): number;
  /** Ends what is in flight; those deliveries stay in state `sending`, and the next start takes them up. */
  readonly signal: AbortSignal;
}

/** Makes attempts and has what came of them recorded. */
export interface Deliverer {
  /**
   * One outcome per delivery, after its first attempt. One bad device never stops the rest. Rejects as soon as it is ended
   * by the signal, also where an encryptor heeds none.
   */
  deliver(deliveries: readonly Delivery[]): Promise<DeviceOutcome[]>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { recorder, logger, clock, signal } = options;
  const aborts = new AbortWatch();

  return {
    async deliver(deliveries) {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      const stopWatching = aborts.add(signal, () => reject(signal.reason));
      try {
        // All have ended when this does, whatever became of each.
        const settled = await Promise.race([Promise.allSettled(deliveries.map(deliverOne)), aborted]);
        return settled.map((one) => {
          if (one.status === 'rejected') throw one.reason;
          return one.value;
        });
      } finally {
        stopWatching();
      }
    },
  };

  async function deliverOne(delivery: Delivery): Promise<DeviceOutcome> {
    const outcome = await attemptOrReject(delivery);
    const result = attemptResult(delivery, outcome, { now: clock.now(), random: options.random() });
    await recorder.record(result);
    return deviceOutcome(delivery.device.publicId, { outcome, result });
  }

  /** A message that cannot even be attempted would fail at every start again: it is given up, and told. */
  async function attemptOrReject(delivery: Delivery): Promise<AttemptOutcome> {
    try {
      return await attemptDelivery(delivery, options, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.error('A message could not be made ready for a device', {
        message: delivery.message.id,
        error: kindOfError(error),
      });
      return { kind: 'rejected', scope: 'device', status: 0, blames: 'message' };
    }
  }
}

/** Without its text, which may quote the message: a syntax error in a damaged row does. */
function kindOfError(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
