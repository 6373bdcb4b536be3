import type { Brand, PushServiceOrigin } from '@belfry/protocol';
import type { Binding, DeviceId } from './ids.ts';
import type { AttemptOutcome, DeliveryDevice, FinalState, StoredMessage } from './message.ts';

/** A part of a broadcast: a range of devices with one push service, in the order of their ids. */
export type ChunkId = Brand<number, 'ChunkId'>;

/** A range of ids this wide is one chunk at most, so that processes share a broadcast. */
export const CHUNK_IDS = 25_000;

/**
 * A topic or condition with so few devices has a delivery for each, and no chunks. Users with so few have theirs at once; with
 * more, their message waits to be planned.
 */
export const SMALL_AUDIENCE_DEVICES = 500;

export interface LeaseChunks {
  readonly now: number;
  /** By the store's clock. */
  readonly leaseMs: number;
  /** How many at most; of one push service, one. */
  readonly limit: number;
  /** Push services that take nothing more now. */
  readonly exceptOrigins: readonly PushServiceOrigin[];
  /**
   * Only these push services; default: all. Each is looked up by itself, however many others wait: among all, each that
   * has chunks is walked over. `nextAt` is then theirs too.
   */
  readonly onlyOrigins?: readonly PushServiceOrigin[] | undefined;
}

/** A chunk that is this process's until its lease ends. */
export interface ChunkLease {
  readonly id: ChunkId;
  /** The fencing token: a page is committed only while it is the last that was given out. */
  readonly token: number;
  readonly message: StoredMessage;
  readonly origin: PushServiceOrigin;
  /** The last device that is done, 0 where none is. */
  readonly cursor: DeviceId;
  /** Of the message, for these devices. */
  readonly expiresAt: number;
  readonly devicesPerSecond: number | null;
}

export interface ReadPage {
  readonly chunkId: ChunkId;
  readonly after: DeviceId;
  readonly limit: number;
}

/** The `Delivery.lease` of a delivery whose request goes on after its page. */
export const STRAGGLER_LEASE = 1;

/**
 * The request to a device has not ended, and its page does not wait for it. The delivery gets a row that the caller has leased for
 * `leaseMs` by the store's clock, as by `takeDue`, with the lease `STRAGGLER_LEASE`.
 */
export interface Straggler {
  readonly state: 'sending';
  readonly leaseMs: number;
}

/** One device of a page whose outcome is more than a number. */
export type PageResult = (AttemptOutcome | Straggler) & {
  readonly deviceId: DeviceId;
  /** As the page had it: whoever has the device by the next attempt must not get what was for the one before. */
  readonly binding: Binding;
  /**
   * The moment that `runAt` counts from (ms since 1970). The clock may be set before the page is committed. Default: the
   * page's `now`.
   */
  readonly decidedAt?: number;
};

export interface CommitPage {
  readonly chunkId: ChunkId;
  readonly token: number;
  readonly now: number;
  /** See `CheckDate.steadyNow`; it counts for how long a device has failed. Default `now`. */
  readonly steadyNow?: number;
  /** The last device that is done from now on: the page's last, or the one before the page where nothing was sent. */
  readonly cursor: DeviceId;
  /** No device comes after the cursor. */
  readonly isLast: boolean;
  /** How many devices of the page ended how; those in `retrying` are counted when they end. */
  readonly counts: Readonly<Partial<Record<FinalState, number>>>;
  /**
   * `retrying` and `sending` make a delivery with a row of its own; `gone`, `rejected` and `key-mismatch` mark their devices; `accepted`
   * clears the failures of a device that `isFailing`, and need not be told of others, unless there is a collapse key.
   */
  readonly results: readonly PageResult[];
  /** Renews the lease by this much; null gives it back, to be leased again from `releaseUntil` on. */
  readonly leaseMs: number | null;
  readonly releaseUntil: number;
}

/**
 * `continues`: the lease is renewed. `ended`: the chunk is done, or given back, or its message paused, cancelled or over.
 * `lost`: the lease was over and another process has the chunk: nothing was written.
 */
export type CommitPageOutcome = 'continues' | 'ended' | 'lost';

export type PageDevices = readonly DeliveryDevice[];
