import type { ChunkLease, CommitPage, CommitPageOutcome, DeliveryDevice, DeviceId, Store } from '@belfry/store';
import { LEASE_MARGIN_MS } from '../limits.ts';
import { prepareMessage } from '../message/prepared-message.ts';
import { type SendPageOptions, sendPage } from './send-page.ts';
import { type UntilStored, untilStored } from './until-stored.ts';

export interface RunChunkOptions extends Pick<SendPageOptions, 'makeAttempt' | 'clock' | 'random'>, UntilStored {
  readonly store: Store;
  readonly origins: readonly [string, ...string[]];
  readonly leaseMs: number;
  /** When the lease was asked for, by `Clock.elapsed`. */
  readonly leasedAt: number;
  /** Devices of the next page. */
  pageSize(): number;
  /** A page was sent whole. */
  onPage(): void;
  /** Some device is to be tried again then (ms since 1970). */
  onRetry(runAt: number): void;
  /** The page under way is the last: the server stops. */
  isStopping(): boolean;
}

/** The push service takes nothing until then (ms since 1970); undefined where the chunk ended for another reason. */
export type HeldUntil = number | undefined;

/** A page that would have to wait longer for its turn gives the chunk back. */
const LONGEST_WAIT_MS = 2_000;

/** Sends a chunk, page by page, each committed before the next is begun. Rejects where the signal ends it. */
export async function runChunk(chunk: ChunkLease, options: RunChunkOptions): Promise<HeldUntil> {
  const { store, clock, leaseMs } = options;
  const { id: chunkId, token, devicesPerSecond } = chunk;
  const message = prepareMessage(chunk.message, options.origins);
  let cursor = chunk.cursor;
  let leasedAt = options.leasedAt;
  let next = readPage(cursor);

  for (;;) {
    const { devices, limit } = await next;
    const last = devices.at(-1)?.id ?? cursor;
    const isLast = devices.length < limit;
    // The next is read while this one is sent.
    const ahead = isLast || devicesPerSecond !== null ? undefined : readPage(last);
    ahead?.catch(() => {});

    const sentAt = clock.elapsed();
    const startBy = leasedAt + leaseMs - LEASE_MARGIN_MS;
    const report = await sendPage(devices, { ...options, chunk, message, startBy });
    const isHeld = report.heldUntil > 0;
    const waitMs = devicesPerSecond === null ? 0 : turnMs(devices.length / devicesPerSecond, sentAt);
    const keeps = !isHeld && !options.isStopping() && waitMs <= LONGEST_WAIT_MS;
    const leased = { leaseMs: keeps ? leaseMs : null, releaseUntil: isHeld ? report.heldUntil : clock.now() + waitMs };
    leasedAt = clock.elapsed();
    // Where all were held back they have no rows: the page is read again.
    if (isHeld && report.attempted === 0) {
      await commit({ cursor, isLast: false, counts: {}, results: [], ...leased });
      return report.heldUntil;
    }
    cursor = last;
    const { counts, results } = report;
    const outcome = await commit({ cursor, isLast, counts, results, ...leased });
    for (const result of results) if (result.state === 'retrying') options.onRetry(result.runAt);
    if (outcome !== 'continues') return isHeld ? report.heldUntil : undefined;
    options.onPage();
    if (waitMs > 0) await pause(waitMs);
    next = ahead ?? readPage(cursor);
  }

  async function readPage(after: DeviceId): Promise<{ devices: readonly DeliveryDevice[]; limit: number }> {
    // Where it is throttled, a second's worth at a time.
    const limit = Math.ceil(Math.min(options.pageSize(), devicesPerSecond ?? Number.POSITIVE_INFINITY));
    return { devices: await untilStored(() => store.readPage({ chunkId, after, limit }), options), limit };
  }

  function commit(page: Omit<CommitPage, 'chunkId' | 'token' | 'now'>): Promise<CommitPageOutcome> {
    return untilStored(() => store.commitPage({ ...page, chunkId, token, now: clock.now() }), options);
  }

  /** What is left of the time that a page has. */
  function turnMs(seconds: number, sentAt: number): number {
    return Math.max(0, Math.ceil(sentAt + seconds * 1000 - clock.elapsed()));
  }

  function pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(delayMs, resolve);
    return promise;
  }
}
