import type { AttemptResult, Delivery, Store } from '@belfry/store';
import type { Logger } from '../effects.ts';
import { type AttemptEffects, type AttemptOutcome, attemptDelivery } from './attempt-delivery.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface DelivererOptions extends AttemptEffects {
  readonly store: Store;
  readonly logger: Logger;
  /** Between 0 and 1. */
  random(): number;
  /** Told when a delivery was put off until `runAt`. */
  onRetry(runAt: number): void;
  /** Ends what is in flight; those deliveries stay in state `sending`, and the next start takes them up. */
  readonly signal: AbortSignal;
}

/** Makes attempts and records what came of them. */
export interface Deliverer {
  /** One outcome per delivery, after its first attempt and after that was recorded. One bad device never stops the rest. */
  deliver(deliveries: readonly Delivery[]): Promise<DeviceOutcome[]>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { store, logger, clock, signal } = options;

  return { deliver: (deliveries) => Promise.all(deliveries.map(deliverOne)) };

  async function deliverOne(delivery: Delivery): Promise<DeviceOutcome> {
    const outcome = await attemptDelivery(delivery, options, signal);
    const now = clock.now();
    const result = toResult(delivery, outcome, now);
    await store.recordResults([result]);
    if (result.state === 'retrying') options.onRetry(result.runAt);
    if (outcome.kind === 'misconfigured') {
      logger.error('The push service refuses this server: check the VAPID keys, their subject and the clock', {
        status: outcome.status,
        message: delivery.message.id,
      });
    }
    return toDeviceOutcome(delivery, { outcome, result });
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
