import {
  type ChunkLease,
  type CommitPage,
  type CommitPageOutcome,
  type DeliveryDevice,
  type DeviceId,
  type PageResult,
  type Store,
  STRAGGLER_LEASE,
} from '@belfry/store';
import type { SteadyClock } from '../date/steady-clock.ts';
import type { ResultRecorder } from '../delivery/result-recorder.ts';
import { LEASE_MARGIN_MS, MAX_PACE_WAIT_MS } from '../limits.ts';
import { prepareMessage } from '../message/prepared-message.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import type { WireSettings } from '../message/wire-message.ts';
import type { ChunkPace } from './message-paces.ts';
import type { ChunkLoad } from './origin-load.ts';
import { pause } from './pause.ts';
import { type SendPageOptions, sendPage, type Straggler } from './send-page.ts';
import { type UntilStored, untilStored } from './until-stored.ts';

export interface RunChunkOptions
  extends WireSettings,
    Pick<SendPageOptions, 'makeAttempt' | 'random'>,
    Pick<PushTransport, 'isProven'>,
    UntilStored {
  readonly store: Store;
  readonly recorder: ResultRecorder;
  readonly clock: SteadyClock;
  readonly leaseMs: number;
  /** When the lease was asked for, by `Clock.elapsed`. */
  readonly leasedAt: number;
  /** What its push service is given. */
  readonly load: ChunkLoad;
  /** What its message is given; null: no limit. */
  readonly pace: ChunkPace | null;
  /** Told of each request that goes on after its page; never rejects. */
  onStraggler(recorded: Promise<void>): void;
  /** Some device is to be tried again then (ms since 1970). */
  onRetry(runAt: number): void;
  /** The page under way is the last: the server stops. */
  isStopping(): boolean;
}

interface CommittedPage extends Pick<CommitPage, 'cursor' | 'isLast' | 'counts' | 'results' | 'leaseMs'> {
  /** For how long nobody takes the chunk, where it is given back. */
  readonly releaseForMs: number;
}

/** Sends a chunk, page by page, each committed before the next is begun. Rejects where the signal ends it. */
export async function runChunk(chunk: ChunkLease, options: RunChunkOptions): Promise<void> {
  const { store, recorder, clock, leaseMs, load, pace } = options;
  const { id: chunkId, token, devicesPerSecond } = chunk;
  const message = prepareMessage(chunk.message, options, { isSampled: true });
  let cursor = chunk.cursor;
  let leasedAt = options.leasedAt;
  let next = readPage(cursor);

  for (;;) {
    const { devices, limit } = await next;
    if (options.isStopping()) return await release(0);
    // A push service that may never respond is given a device at a time, which does not count.
    const isPaced = pace !== null && devices.length > 0 && options.isProven(chunk.origin);
    if (isPaced) {
      const leftMs = await waitForTurn(pace);
      if (options.isStopping() || leftMs > 0) return await release(leftMs);
    }
    const freeAtMs = isPaced ? pace.take(devices.length) : 0;
    const last = devices.at(-1)?.id ?? cursor;
    const isLast = devices.length < limit;
    // The next is read while this one is sent.
    const ahead = isLast || devicesPerSecond !== null ? undefined : readPage(last);
    ahead?.catch(() => {});

    const startBy = leasedAt + leaseMs - LEASE_MARGIN_MS;
    const report = await sendPage(devices, { ...options, chunk, message, startBy });
    const heldUntil = load.heldAfter(devices, report);
    const releaseForMs = Math.max(0, heldUntil - clock.now());
    // They have no rows: the page is read again.
    if (report.isUntouched) return await release(releaseForMs);
    // Before the commit, so that no other process takes a chunk of the message meanwhile.
    if (isPaced) await pause(Math.max(0, Math.ceil(freeAtMs - clock.elapsed())), options);
    cursor = last;
    leasedAt = clock.elapsed();
    const { counts, stragglers } = report;
    const results = [...report.results, ...stragglers.map(underWay)];
    const leased = { leaseMs: heldUntil > 0 ? null : leaseMs, releaseForMs };
    const committed = commit({ cursor, isLast, counts, results, ...leased });
    for (const straggler of stragglers) options.onStraggler(recordStraggler(straggler, committed));
    const outcome = await committed;
    for (const result of results) if (result.state === 'retrying') options.onRetry(result.runAt);
    if (outcome !== 'continues') return;
    next = ahead ?? readPage(cursor);
  }

  /** Returns 0 when it is the chunk's turn, or for how long it would wait beyond `MAX_PACE_WAIT_MS`. */
  async function waitForTurn(turn: ChunkPace): Promise<number> {
    const waitUntil = clock.elapsed() + MAX_PACE_WAIT_MS;
    // Another chunk may have taken the turn meanwhile.
    while (turn.waitMs > 0 && clock.elapsed() + turn.waitMs <= waitUntil) await pause(turn.waitMs, options);
    return turn.waitMs;
  }

  function underWay({ device }: Straggler): PageResult {
    return { state: 'sending', leaseMs, deviceId: device.id, binding: device.binding };
  }

  /** Where the signal ends the request, or the page is not committed, the delivery comes again. */
  async function recordStraggler({ device, ended }: Straggler, committed: Promise<CommitPageOutcome>): Promise<void> {
    let isAccepted = false;
    try {
      const { recorded, now } = await ended;
      isAccepted = recorded.state === 'accepted';
      if ((await committed) === 'lost') return;
      const { seq } = chunk.message;
      const result = { ...recorded, seq, deviceId: device.id, lease: STRAGGLER_LEASE };
      await recorder.record({ ...result, now, steadyNow: clock.steadyNow() });
    } catch {
      // The row's lease ends, or the page is read again.
    } finally {
      load.returned(device, { isAccepted });
    }
  }

  async function release(releaseForMs: number): Promise<void> {
    await commit({ cursor, isLast: false, counts: {}, results: [], leaseMs: null, releaseForMs });
  }

  async function readPage(after: DeviceId): Promise<{ devices: readonly DeliveryDevice[]; limit: number }> {
    // Where it is throttled, a second's worth at a time.
    const limit = Math.ceil(Math.min(load.pageSize, devicesPerSecond ?? Number.POSITIVE_INFINITY));
    return { devices: await untilStored(() => store.readPage({ chunkId, after, limit }), options), limit };
  }

  /** The store may fail for a while, and the clock may be set meanwhile: each try counts from its own moment. */
  function commit({ releaseForMs, ...page }: CommittedPage): Promise<CommitPageOutcome> {
    return untilStored(() => {
      const now = clock.now();
      const releaseUntil = now + releaseForMs;
      return store.commitPage({ ...page, chunkId, token, releaseUntil, now, steadyNow: clock.steadyNow() });
    }, options);
  }
}
