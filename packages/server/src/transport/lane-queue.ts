import { FlowQueue } from './flow-queue.ts';
import type { QueueEntry } from './linked-queue.ts';

/**
 * Over HTTP/2 the requests of each lane have connections of their own, since a request for which the push service ends the connection
 * takes the others on it with it. Whoever is signed in can make up such endpoints.
 *
 * - `proven`: for devices that have accepted a message before, and for the application itself
 * - `unproven`: for other devices
 * - `failing`: for users whose last request had no response
 * - `alone`: for users whose connection ended. Each request has a connection to itself, so that its end says which was the cause
 */
export const LANES = ['proven', 'unproven', 'failing', 'alone'] as const;
export type Lane = (typeof LANES)[number];

interface LaneEntry<Entry> extends QueueEntry<Entry> {
  readonly flow: number;
  readonly lane: Lane;
}

/** A queue in which lanes take turns, and within each its flows. */
export class LaneQueue<Entry extends LaneEntry<Entry>> {
  readonly #lanes = {
    proven: new FlowQueue<Entry>(),
    unproven: new FlowQueue<Entry>(),
    failing: new FlowQueue<Entry>(),
    alone: new FlowQueue<Entry>(),
  };
  /** The index of the lane whose turn it is. */
  #turn = 0;

  get size(): number {
    const { proven, unproven, failing, alone } = this.#lanes;
    return proven.size + unproven.size + failing.size + alone.size;
  }

  /** @param without lanes that are passed over */
  first(without: readonly Lane[] = []): Entry | undefined {
    for (let n = 0; n < LANES.length; n += 1) {
      const lane = LANES[(this.#turn + n) % LANES.length];
      if (lane === undefined || without.includes(lane)) continue;
      const { first } = this.#lanes[lane];
      if (first !== undefined) return first;
    }
    return undefined;
  }

  push(entry: Entry): void {
    this.#lanes[entry.lane].push(entry);
  }

  /** Before all others of its lane. */
  putBack(entry: Entry): void {
    this.#lanes[entry.lane].putBack(entry);
  }

  remove(entry: Entry): void {
    this.#lanes[entry.lane].remove(entry);
    this.#turn = LANES.indexOf(entry.lane) + 1;
  }
}
