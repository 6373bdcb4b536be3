import type { Delivery, MessageSeq } from '@belfry/store';
import type { SteadyClock } from '../date/steady-clock.ts';
import { LEASE_MARGIN_MS } from '../limits.ts';
import { type PreparedMessage, prepareMessage } from '../message/prepared-message.ts';
import type { WireSettings } from '../message/wire-message.ts';
import { AbortWatch } from '../transport/abort-watch.ts';
import { type DeviceOutcome, deviceOutcome } from './device-outcome.ts';
import type { MakeAttempt } from './make-attempt.ts';
import { recordedOutcome } from './recorded-outcome.ts';
import type { ResultRecorder } from './result-recorder.ts';

export interface DelivererOptions extends WireSettings {
  readonly makeAttempt: MakeAttempt;
  readonly recorder: ResultRecorder;
  readonly clock: SteadyClock;
  readonly leaseMs: number;
  /** Between 0 and 1. */
  random(): number;
  /** Ends what is in flight; those deliveries stay in state `sending`, until their lease is over. */
  readonly signal: AbortSignal;
}

/** Makes attempts at deliveries that have a row of their own, and has what came of them recorded. */
export interface Deliverer {
  /**
   * One outcome per delivery, after its first attempt. One bad device never stops the rest. Rejects as soon as it is ended
   * by the signal, also where an encryptor heeds none.
   *
   * @param leasedAt when the lease was asked for, by `Clock.elapsed`
   */
  deliver(deliveries: readonly Delivery[], leasedAt: number): Promise<DeviceOutcome[]>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { recorder, clock, leaseMs, signal } = options;
  const aborts = new AbortWatch();

  return {
    async deliver(deliveries, leasedAt) {
      const prepared = new Map<MessageSeq, PreparedMessage>();
      const startBy = leasedAt + leaseMs - LEASE_MARGIN_MS;
      const attempts = deliveries.map((delivery) => {
        const { message } = delivery;
        const known = prepared.get(message.seq) ?? prepareMessage(message, options);
        prepared.set(message.seq, known);
        return deliverOne(delivery, { message: known, startBy });
      });
      // All have ended when this does, whatever became of each.
      const settled = await aborts.race(signal, Promise.allSettled(attempts));
      return settled.map((one) => {
        if (one.status === 'rejected') throw one.reason;
        return one.value;
      });
    },
  };

  async function deliverOne(
    delivery: Delivery,
    { message, startBy }: { message: PreparedMessage; startBy: number },
  ): Promise<DeviceOutcome> {
    const { device, lease } = delivery;
    const attempt = { ...delivery, message };
    const outcome = await options.makeAttempt(attempt, {
      signal,
      startBy,
      priority: message.options.priority ?? 'user',
    });
    const now = clock.now();
    const recorded = recordedOutcome(attempt, outcome, { now, random: options.random });
    await recorder.record({
      ...recorded,
      seq: message.stored.seq,
      deviceId: device.id,
      now,
      steadyNow: clock.steadyNow(),
      lease,
    });
    return deviceOutcome(device.publicId, { outcome, recorded });
  }
}
