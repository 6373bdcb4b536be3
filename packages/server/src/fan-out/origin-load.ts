import type { PushServiceOrigin } from '@belfry/protocol';
import { CHUNKS_PER_ORIGIN, PAGE_DEVICES } from '../limits.ts';

interface Load {
  chunks: number;
  heldUntil: number;
  pageSize: number;
}

/** How much each push service is given of broadcasts: a few chunks at once, and little at first after it took nothing. */
export class OriginLoad {
  readonly #loads = new Map<PushServiceOrigin, Load>();

  /** Those that have as much as they are given, or take nothing now. */
  saturated(now: number): PushServiceOrigin[] {
    return [...this.#loads]
      .filter(([, load]) => load.chunks >= chunksOf(load) || now < load.heldUntil)
      .map(([origin]) => origin);
  }

  /** When the first of those that take nothing now is due (ms since 1970). */
  nextAt(now: number): number | null {
    const held = [...this.#loads.values()].filter(({ heldUntil }) => now < heldUntil);
    return held.length === 0 ? null : Math.min(...held.map(({ heldUntil }) => heldUntil));
  }

  begin(origin: PushServiceOrigin): void {
    const load = this.#loads.get(origin) ?? { chunks: 0, heldUntil: 0, pageSize: PAGE_DEVICES };
    load.chunks += 1;
    this.#loads.set(origin, load);
  }

  end(origin: PushServiceOrigin): void {
    const load = this.#loads.get(origin);
    if (load === undefined) return;
    load.chunks -= 1;
    if (load.chunks === 0 && load.pageSize === PAGE_DEVICES) this.#loads.delete(origin);
  }

  /** It takes nothing until then; one device finds out whether it does then. */
  held(origin: PushServiceOrigin, until: number): void {
    const load = this.#loads.get(origin);
    if (load === undefined) return;
    load.heldUntil = Math.max(load.heldUntil, until);
    load.pageSize = 1;
  }

  pageSize(origin: PushServiceOrigin): number {
    return this.#loads.get(origin)?.pageSize ?? PAGE_DEVICES;
  }

  /** A page was sent whole: the next is larger, up to the usual. */
  took(origin: PushServiceOrigin): void {
    const load = this.#loads.get(origin);
    if (load !== undefined) load.pageSize = Math.min(load.pageSize * 10, PAGE_DEVICES);
  }
}

/** Until it has taken a page of the usual size again, one at a time. */
function chunksOf({ pageSize }: Load): number {
  return pageSize < PAGE_DEVICES ? 1 : CHUNKS_PER_ORIGIN;
}
