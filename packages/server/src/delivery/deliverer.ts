import type { AttemptResult, Delivery } from '@belfry/store';
import type { Logger } from '../effects.ts';
import { type AttemptEffects, type AttemptOutcome, attemptDelivery } from './attempt-delivery.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import type { ResultRecorder } from './result-recorder.ts';
import { retryDelayMs } from './retry-delay.ts';

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
   * One outcome per delivery, after its first attempt. One bad device never stops the rest. Rejects when it is ended by
   * the signal.
   */
  deliver(deliveries: readonly Delivery[]): Promise<DeviceOutcome[]>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { recorder, logger, clock, signal } = options;

  return {
    async deliver(deliveries) {
      // All have ended when this does, whatever became of each.
      const settled = await Promise.allSettled(deliveries.map(deliverOne));
      return settled.map((one) => {
        if (one.status === 'rejected') throw one.reason;
        return one.value;
      });
    },
  };

  async function deliverOne(delivery: Delivery): Promise<DeviceOutcome> {
    const outcome = await attemptOrReject(delivery);
    const result = toResult(delivery, outcome, clock.now());
    await recorder.record(result);
    if (outcome.kind === 'misconfigured') {
      logger.error('The push service refuses this server: check the VAPID keys, their subject and the clock', {
        status: outcome.status,
        message: delivery.message.id,
      });
    }
    return toDeviceOutcome(delivery, { outcome, result });
  }

  /** A message that cannot even be attempted would fail at every start again: it is given up, and told. */
  async function attemptOrReject(delivery: Delivery): Promise<AttemptOutcome> {
    try {
      return await attemptDelivery(delivery, options, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.error('A message could not be made ready for a device', {
        message: delivery.message.id,
        error: String(error),
      });
      return { kind: 'rejected', status: 0 };
    }
  }

  function toResult({ message, device, attempts }: Delivery, outcome: AttemptOutcome, now: number): AttemptResult {
    const attempt = { seq: message.seq, deviceId: device.id, now };
    switch (outcome.kind) {
      case 'accepted':
      case 'key-mismatch':
      case 'misconfigured':
      case 'rejected':
      case 'expired':
        return { ...attempt, state: outcome.kind };
      case 'gone':
        return { ...attempt, state: 'gone', endpoint: device.endpoint };
      case 'throttled':
      case 'retrying': {
        const { retryAfterMs } = outcome;
        const runAt = now + retryDelayMs({ attempts, retryAfterMs, random: options.random() });
        return runAt < message.expiresAt ? { ...attempt, state: 'retrying', runAt } : { ...attempt, state: 'expired' };
      }
    }
  }
}

function toDeviceOutcome(
  { device: { publicId: deviceId } }: Delivery,
  { outcome, result }: { outcome: AttemptOutcome; result: AttemptResult },
): DeviceOutcome {
  switch (outcome.kind) {
    case 'accepted':
    case 'gone':
    case 'key-mismatch':
    case 'expired':
      return { deviceId, outcome: outcome.kind };
    case 'misconfigured':
    case 'rejected':
      return { deviceId, outcome: outcome.kind, status: outcome.status };
    case 'throttled':
    case 'retrying':
      return result.state === 'retrying'
        ? { deviceId, outcome: outcome.kind, retryAt: result.runAt }
        : { deviceId, outcome: 'expired' };
  }
}
