import type { Lane } from './lanes.ts';

/** What an origin needs connections for, and how they are opened. */
export interface WantedConnections {
  /** How many found no room, or would find none. */
  readonly requests: number;
  /** How many wait in the lane of the one that found none. */
  readonly inLane: number;
  readonly lane: Lane;
  readonly timeoutMs: number;
  /** Its origin has answered lately, or is a known push service. */
  readonly isProven: boolean;
}
