import type { Delivery, Store } from '@belfry/store';
import { CLOSE_TIMEOUT_MS } from '../limits.ts';
import { configurationFaultLog } from './configuration-fault.ts';
import { createDeliverer, type DelivererOptions } from './deliverer.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import { createOriginGate } from './origin-gate.ts';
import { createRefusals } from './refusals.ts';
import { createResultRecorder } from './result-recorder.ts';
import { type RetryLoop, startRetryLoop } from './retry-loop.ts';
import { createSizeWarning } from './size-warning.ts';

/** Sends deliveries now, and again when they are due. */
export interface DeliveryEngine {
  /** One outcome per delivery, after its first attempt. Rejects where `stop` ended it first. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly DeviceOutcome[]>;
  /** Waits for requests in flight, at most `CLOSE_TIMEOUT_MS`, then ends them; the next start takes those up. */
  stop(): Promise<void>;
}

/** Takes up at once what an earlier process left unfinished. */
export async function startDeliveryEngine(
  options: Omit<DelivererOptions, 'recorder' | 'signal' | 'gate' | 'warnOfSize'> & { readonly store: Store },
): Promise<DeliveryEngine> {
  const { store, clock, logger, transport } = options;
  const ending = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  const recorder = createResultRecorder({
    store,
    clock,
    logger,
    onRecorded: (result) => {
      if (result.state === 'retrying') loop.wakeAt(result.runAt);
    },
  });
  const gate = createOriginGate({
    clock,
    refusals: createRefusals(clock),
    pause: (origin, untilMs) => transport.pause(origin, untilMs),
    ...configurationFaultLog(logger),
  });
  const deliverer = createDeliverer({
    ...options,
    gate,
    warnOfSize: createSizeWarning(logger),
    recorder,
    signal: ending.signal,
  });
  const loop: RetryLoop = startRetryLoop({ store, deliverer, clock, logger });

  const interrupted = await store.recoverInterrupted();
  if (interrupted > 0) logger.info('Taking up deliveries that were interrupted', { interrupted });
  loop.wakeAt(clock.now());

  return {
    deliver(deliveries) {
      const delivering = deliverer.deliver(deliveries);
      const settled = Promise.allSettled([delivering]);
      inFlight.add(settled);
      void settled.then(() => inFlight.delete(settled));
      return delivering;
    },
    async stop() {
      const cancel = clock.after(CLOSE_TIMEOUT_MS, () => ending.abort());
      await Promise.all([...inFlight, loop.stop()]);
      cancel();
      // Whatever comes now was asked before and stored meanwhile: it is for the next start.
      ending.abort();
      recorder.stop();
    },
  };
}
