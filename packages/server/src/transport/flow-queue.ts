import { LinkedQueue, type QueueEntry } from './linked-queue.ts';

interface FlowEntry<Entry> extends QueueEntry<Entry> {
  readonly flow: number;
}

/**
 * A queue in which flows take turns: one entry of each, and within a flow first in, first out. So a message with many
 * devices lets each other message pass after one of its own. A single flow is one linked queue.
 */
export class FlowQueue<Entry extends FlowEntry<Entry>> {
  /** Those that are not empty; the first is the next whose turn comes. */
  readonly #flows = new Map<number, LinkedQueue<Entry>>();
  #current: LinkedQueue<Entry> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Entry | undefined {
    return this.#current?.first;
  }

  push(entry: Entry): void {
    this.#queueOf(entry.flow).push(entry);
    this.#size += 1;
  }

  /** Before all others. */
  putBack(entry: Entry): void {
    const queue = this.#queueOf(entry.flow);
    queue.putBack(entry);
    this.#current = queue;
    this.#size += 1;
  }

  remove(entry: Entry): void {
    const queue = this.#flows.get(entry.flow);
    if (queue === undefined) return;
    const wasNext = queue === this.#current && queue.first === entry;
    queue.remove(entry);
    this.#size -= 1;
    if (queue.size === 0) this.#flows.delete(entry.flow);
    // What leaves from the middle takes nobody's turn.
    if (wasNext) this.#endTurn(entry.flow, queue);
  }

  #endTurn(flow: number, queue: LinkedQueue<Entry>): void {
    if (this.#flows.size > 1 && queue.size > 0) {
      this.#flows.delete(flow);
      this.#flows.set(flow, queue);
    }
    [this.#current] = this.#flows.values();
  }

  #queueOf(flow: number): LinkedQueue<Entry> {
    let queue = this.#flows.get(flow);
    if (queue === undefined) {
      queue = new LinkedQueue<Entry>();
      this.#flows.set(flow, queue);
    }
    this.#current ??= queue;
    return queue;
  }
}
