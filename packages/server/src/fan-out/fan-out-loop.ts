import type { PushServiceOrigin } from '@belfry/protocol';
import type { ChunkLease, LeaseChunks } from '@belfry/store';
import { MAX_CHUNKS, MAX_UNPROVEN_CHUNKS, UNPROVEN_LEASE_INTERVAL_MS } from '../limits.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import { AbortWatch } from '../transport/abort-watch.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';
import { MessagePaces } from './message-paces.ts';
import { OriginLoad } from './origin-load.ts';
import type { HasAccepted } from './page-judge.ts';
import { type RunChunkOptions, runChunk } from './run-chunk.ts';

export type FanOutOptions = Omit<RunChunkOptions, 'leasedAt' | 'load' | 'pace' | 'isStopping' | 'onStraggler'> &
  Pick<PushTransport, 'isProven' | 'provenOrigins'> & { readonly hasAccepted: HasAccepted };

/** Sends broadcasts: leases chunks as long as push services have room for them, and runs them beside one another. */
export function startFanOutLoop(options: FanOutOptions): WakeLoop {
  const { store, clock, logger, leaseMs, signal, isProven, provenOrigins, hasAccepted } = options;
  const load = new OriginLoad({ clock, isProven, hasAccepted });
  const paces = new MessagePaces({ clock });
  const running = new Set<Promise<void>>();
  const stragglers = new Set<Promise<void>>();
  const aborts = new AbortWatch();
  let isStopping = false;
  /** When unproven origins are looked for again, by `Clock.elapsed`. */
  let unprovenAtMs = 0;

  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'Broadcasts could not be taken up',
    async step() {
      if (isStopping) return null;
      // Asked first: a hold may end while chunks are being leased, and nothing else would wake this loop.
      const heldUntil = load.nextAt();
      const proven = provenOrigins();
      const first = await lease({ limit: MAX_CHUNKS - load.chunks, onlyOrigins: proven });
      const others = await leaseUnproven(proven);
      // One of each push service comes at a time: where there were some, there may be more.
      if (first.leased > 0) return clock.now();
      // What is due and was not given out is freed by the end of a chunk, which wakes this loop.
      return [first.nextAt, others.nextAt, heldUntil].reduce(earliest);
    },
  });
  return {
    wakeAt: loop.wakeAt,
    async stop() {
      isStopping = true;
      await loop.stop();
      await Promise.all(running);
      await Promise.all(stragglers);
    },
  };

  /** Those that answer come first, and are never behind others: of these there may be thousands. */
  async function lease(
    request: Pick<LeaseChunks, 'limit'> & Partial<LeaseChunks>,
  ): Promise<{ readonly leased: number; readonly nextAt: number | null }> {
    if (request.limit <= 0) return { leased: 0, nextAt: null };
    const now = clock.now();
    const leasedAt = clock.elapsed();
    const exceptOrigins = [...(request.exceptOrigins ?? []), ...load.saturated()];
    const { leases, nextAt } = await store.leaseChunks({ ...request, now, leaseMs, exceptOrigins });
    for (const chunk of leases) start(chunk, leasedAt);
    return { leased: leases.length, nextAt: nextAt !== null && nextAt > now ? nextAt : null };
  }

  async function leaseUnproven(proven: readonly PushServiceOrigin[]): Promise<{ readonly nextAt: number | null }> {
    const places = Math.min(MAX_CHUNKS - load.chunks, MAX_UNPROVEN_CHUNKS - load.unprovenChunks);
    if (places <= 0) return { nextAt: null };
    const waitMs = unprovenAtMs - clock.elapsed();
    if (waitMs > 0) return { nextAt: clock.now() + Math.ceil(waitMs) };
    const { leased, nextAt } = await lease({ limit: places, exceptOrigins: proven });
    if (leased === 0) return { nextAt };
    unprovenAtMs = clock.elapsed() + UNPROVEN_LEASE_INTERVAL_MS;
    return { nextAt: clock.now() + UNPROVEN_LEASE_INTERVAL_MS };
  }

  function start(chunk: ChunkLease, leasedAt: number): void {
    const run = send(chunk, leasedAt).finally(() => {
      running.delete(run);
      loop.wakeAt(clock.now());
    });
    running.add(run);
  }

  function onStraggler(recorded: Promise<void>): void {
    stragglers.add(recorded);
    void recorded.then(() => stragglers.delete(recorded));
  }

  /** Never rejects. */
  async function send(chunk: ChunkLease, leasedAt: number): Promise<void> {
    const chunkLoad = load.begin(chunk);
    const pace = paces.begin(chunk);
    try {
      // An encryptor that hangs heeds no signal.
      await aborts.race(
        signal,
        runChunk(chunk, { ...options, leasedAt, load: chunkLoad, pace, isStopping: () => isStopping, onStraggler }),
      );
    } catch (error) {
      // It is leased again once its lease is over.
      if (!signal.aborted) logger.error('A part of a broadcast broke off', { error: String(error) });
    } finally {
      chunkLoad.end();
      pace?.end();
    }
  }
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
