import type { Delivery, Store } from '@belfry/store';
import type { SteadyClock } from '../date/steady-clock.ts';
import type { Logger } from '../effects.ts';
import { startFanOutLoop } from '../fan-out/fan-out-loop.ts';
import type { HasAccepted } from '../fan-out/page-judge.ts';
import { startPlanLoop } from '../fan-out/plan-loop.ts';
import { CLOSE_TIMEOUT_MS } from '../limits.ts';
import type { WireSettings } from '../message/wire-message.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import { createDeliverer } from './deliverer.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import type { MakeAttempt } from './make-attempt.ts';
import { createResultRecorder } from './result-recorder.ts';
import { startRetryLoop } from './retry-loop.ts';

export interface DeliveryEngineOptions extends WireSettings, Pick<PushTransport, 'isProven' | 'provenOrigins'> {
  readonly store: Store;
  readonly clock: SteadyClock;
  readonly logger: Logger;
  readonly makeAttempt: MakeAttempt;
  readonly hasAccepted: HasAccepted;
  readonly leaseMs: number;
  /** Of devices that did not say where they are. IANA name. */
  readonly fallbackTimeZone: string;
  /** Between 0 and 1. */
  random(): number;
}

/** Sends what is in the store: now, when it is due, and again. */
export interface DeliveryEngine {
  /**
   * One outcome per delivery, after its first attempt. Rejects where `stop` ended it first.
   *
   * @param leasedAt when the deliveries were asked for, by `Clock.elapsed`
   */
  deliver(deliveries: readonly Delivery[], leasedAt: number): Promise<readonly DeviceOutcome[]>;
  /** A message waits in the store to be planned, or goes on; it is due then (ms since 1970). */
  wakeAt(time: number): void;
  /** Takes nothing more and waits for what is in flight, at most `CLOSE_TIMEOUT_MS`; the rest is given back to the store. */
  stop(): Promise<void>;
}

/** Takes up at once what an earlier process left unfinished. */
export async function startDeliveryEngine(options: DeliveryEngineOptions): Promise<DeliveryEngine> {
  const { store, clock, logger } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const inFlight = new Set<Promise<unknown>>();
  const recorder = createResultRecorder({
    store,
    clock,
    logger,
    onRecorded: (result) => {
      if (result.state === 'retrying') retryLoop.wakeAt(result.runAt);
    },
  });
  const deliverer = createDeliverer({ ...options, recorder, signal });
  const retryLoop = startRetryLoop({ ...options, deliverer });
  const fanOutLoop = startFanOutLoop({ ...options, recorder, signal, onRetry: retryLoop.wakeAt });
  const planLoop = startPlanLoop({
    ...options,
    onPlanned() {
      retryLoop.wakeAt(clock.now());
      fanOutLoop.wakeAt(clock.now());
    },
  });
  const wakeAt = (time: number): void => [planLoop, retryLoop, fanOutLoop].forEach((loop) => loop.wakeAt(time));

  const interrupted = await store.releaseLeases();
  if (interrupted > 0) logger.info('Taking up what was interrupted', { interrupted });
  const stopListening = store.onWork(() => wakeAt(clock.now()));
  wakeAt(clock.now());

  return {
    wakeAt,
    deliver(deliveries, leasedAt) {
      const delivering = deliverer.deliver(deliveries, leasedAt);
      const settled = Promise.allSettled([delivering]);
      inFlight.add(settled);
      void settled.then(() => inFlight.delete(settled));
      return delivering;
    },
    async stop() {
      stopListening();
      const cancel = clock.after(CLOSE_TIMEOUT_MS, () => ending.abort());
      await Promise.all([...inFlight, planLoop.stop(), retryLoop.stop(), fanOutLoop.stop()]);
      cancel();
      // Whatever comes now was asked before and stored meanwhile: it is for the next start.
      ending.abort();
      recorder.stop();
      await store.releaseLeases().catch((error: unknown) => {
        logger.warn('What was leased could not be given back; it is taken up when the leases end', {
          error: String(error),
        });
      });
    },
  };
}
