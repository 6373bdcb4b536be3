import type { ChunkLease } from '@belfry/store';
import { MAX_CHUNKS } from '../limits.ts';
import { AbortWatch } from '../transport/abort-watch.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';
import { OriginLoad } from './origin-load.ts';
import { type RunChunkOptions, runChunk } from './run-chunk.ts';

export type FanOutOptions = Omit<RunChunkOptions, 'leasedAt' | 'load' | 'isStopping'>;

/** Sends broadcasts: leases chunks as long as push services have room for them, and runs them beside one another. */
export function startFanOutLoop(options: FanOutOptions): WakeLoop {
  const { store, clock, logger, leaseMs, signal } = options;
  const load = new OriginLoad(clock);
  const running = new Set<Promise<void>>();
  const aborts = new AbortWatch();
  let isStopping = false;

  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'Broadcasts could not be taken up',
    async step() {
      const limit = MAX_CHUNKS - load.chunks;
      if (limit <= 0 || isStopping) return null;
      const now = clock.now();
      const leasedAt = clock.elapsed();
      const exceptOrigins = load.saturated();
      const { leases, nextAt } = await store.leaseChunks({ now, leaseMs, limit, exceptOrigins });
      for (const chunk of leases) start(chunk, leasedAt);
      // One of each push service comes at a time: where there were some, there may be more.
      if (leases.length > 0) return now;
      // What is due and was not given out is freed by the end of a chunk, which wakes this loop.
      return earliest(nextAt !== null && nextAt > now ? nextAt : null, load.nextAt());
    },
  });
  return {
    wakeAt: loop.wakeAt,
    async stop() {
      isStopping = true;
      await loop.stop();
      await Promise.all(running);
    },
  };

  function start(chunk: ChunkLease, leasedAt: number): void {
    const run = send(chunk, leasedAt).finally(() => {
      running.delete(run);
      loop.wakeAt(clock.now());
    });
    running.add(run);
  }

  /** Never rejects. */
  async function send(chunk: ChunkLease, leasedAt: number): Promise<void> {
    const chunkLoad = load.begin(chunk);
    try {
      // An encryptor that hangs heeds no signal.
      await aborts.race(
        signal,
        runChunk(chunk, { ...options, leasedAt, load: chunkLoad, isStopping: () => isStopping }),
      );
    } catch (error) {
      // It is leased again once its lease is over.
      if (!signal.aborted) logger.error('A part of a broadcast broke off', { error: String(error) });
    } finally {
      chunkLoad.end();
    }
  }
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
