/** What can wait in a `LinkedQueue`; in one at a time. */
export interface QueueEntry<Entry> {
  /** The queue's own. */
  previous: Entry | undefined;
  next: Entry | undefined;
}

/** First in, first out, where any entry may leave at any time: each step costs the same however many wait. */
export class LinkedQueue<Entry extends QueueEntry<Entry>> {
  #first: Entry | undefined;
  #last: Entry | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Entry | undefined {
    return this.#first;
  }

  push(entry: Entry): void {
    this.#size += 1;
    entry.previous = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  /** Before all others: for what waited its time already. */
  putBack(entry: Entry): void {
    this.#size += 1;
    entry.next = this.#first;
    if (this.#first === undefined) this.#last = entry;
    else this.#first.previous = entry;
    this.#first = entry;
  }

  /** The entry must be in this queue. */
  remove(entry: Entry): void {
    this.#size -= 1;
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}
