import { hash } from 'node:crypto';
import type { RandomBytes } from '../../effects.ts';

/** One of so many counters is a key's, by its hash: 256 KiB a window. */
const CELLS = 65_536;

interface Window {
  /** Nobody outside knows which keys share a counter, and those that do part in the next window. */
  readonly seed: string;
  readonly cells: Uint32Array;
}

/** A count that was added. */
export interface Counted {
  /** Of its key in the last window's length of time, or a little more where another key shares its counter. */
  readonly count: number;
  takeBack(): void;
}

/**
 * Counts by key over two windows of time, in memory of a fixed size. A `Map` would grow with keys that strangers make up, or
 * forget the real ones once it is full.
 */
export class HashedCounters {
  readonly #randomBytes: RandomBytes;
  #current: Window;
  #previous: Window;

  constructor(randomBytes: RandomBytes) {
    this.#randomBytes = randomBytes;
    this.#current = this.#emptyWindow();
    this.#previous = this.#emptyWindow();
  }

  /** @param share of the present window that has passed, from 0 to 1: the previous one counts for the rest */
  add(key: string, share: number): Counted {
    const { cells } = this.#current;
    const cell = cellOf(this.#current, key);
    cells[cell] = (cells[cell] ?? 0) + 1;
    const before = this.#previous.cells[cellOf(this.#previous, key)] ?? 0;
    return {
      count: (cells[cell] ?? 0) + before * (1 - share),
      takeBack: () => {
        cells[cell] = (cells[cell] ?? 1) - 1;
      },
    };
  }

  /** Begins a window. */
  turn(): void {
    this.#previous = this.#current;
    this.#current = this.#emptyWindow();
  }

  #emptyWindow(): Window {
    return { seed: Buffer.from(this.#randomBytes(16)).toString('hex'), cells: new Uint32Array(CELLS) };
  }
}

function cellOf({ seed }: Window, key: string): number {
  return hash('sha256', seed + key, 'buffer').readUInt16LE();
}
