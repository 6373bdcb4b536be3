import type { LatencySummary } from '../load/latencies.ts';
import type { CpuShares } from './row-processes.ts';

/** What was measured of one variant. */
export interface Row {
  readonly name: string;
  readonly connections: number;
  /** Whether a 201 was on disk. */
  readonly durable: boolean;
  /** Of the push service's process, for each connection with its subscription. */
  readonly rssBytesPerConnection: number;
  /** The peak: the best of `levels`. */
  readonly messagesPerSecond: number;
  /** POST → user agent at half of the peak; `latency` has more of it. */
  readonly p99Ms: number;
  /** Accepted with 201 and not received, of all that were sent. */
  readonly lost: number;
  /** Not answered with 201. */
  readonly refused: number;
  /** Received a second time, or by another agent. */
  readonly unexpected: number;
  readonly received: number;
  readonly connecting: { readonly seconds: number; readonly cpu: CpuShares };
  readonly levels: readonly PeakLevel[];
  readonly latency: LatencySummary & { readonly offeredPerSecond: number; readonly cpu: CpuShares };
}

/** What was received while so many messages waited for their answer. */
export interface PeakLevel {
  readonly inFlight: number;
  readonly messagesPerSecond: number;
  readonly cpu: CpuShares;
}
