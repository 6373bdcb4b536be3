import type { Delivery } from '@belfry/store';
import { CLOSE_TIMEOUT_MS } from '../limits.ts';
import { createDeliverer, type DelivererOptions } from './deliverer.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import { type RetryLoop, startRetryLoop } from './retry-loop.ts';

/** Sends deliveries now, and again when they are due. */
export interface DeliveryEngine {
  /** One outcome per delivery, after its first attempt. Rejects where the outcome could not be recorded. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly DeviceOutcome[]>;
  /** Waits for requests in flight, at most `CLOSE_TIMEOUT_MS`, then ends them; the next start takes those up. */
  stop(): Promise<void>;
}

/** Takes up at once what an earlier process left unfinished. */
export async function startDeliveryEngine(
  options: Omit<DelivererOptions, 'onRetry' | 'signal'>,
): Promise<DeliveryEngine> {
  const { store, clock, logger } = options;
  const ending = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  const deliverer = createDeliverer({
    ...options,
    signal: ending.signal,
    onRetry: (runAt) => loop.wakeAt(runAt),
  });
  const loop: RetryLoop = startRetryLoop({ store, deliverer, clock, logger });

  const interrupted = await store.recoverInterrupted();
  if (interrupted > 0) logger.info('Taking up deliveries that were interrupted', { interrupted });
  loop.wakeAt(clock.now());

  return {
    deliver(deliveries) {
      const delivering = deliverer.deliver(deliveries);
      const settled = delivering.catch((error: unknown) => {
        if (!ending.signal.aborted) logger.error('A delivery was not recorded', { error: String(error) });
      });
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
    },
  };
}
