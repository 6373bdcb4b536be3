import { FlowQueue } from './flow-queue.ts';
import { type Lane, LANES } from './lanes.ts';
import type { QueueEntry } from './linked-queue.ts';

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
    suspect: new FlowQueue<Entry>(),
    'close-suspect': new FlowQueue<Entry>(),
    alone: new FlowQueue<Entry>(),
  };
  /** The index of the lane whose turn it is. */
  #turn = 0;

  get size(): number {
    let size = 0;
    for (const lane of LANES) size += this.#lanes[lane].size;
    return size;
  }

  sizeOf(lane: Lane): number {
    return this.#lanes[lane].size;
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
