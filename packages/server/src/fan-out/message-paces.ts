import type { ChunkLease, MessageSeq } from '@belfry/store';
import type { Clock } from '../effects.ts';

interface Pace {
  chunks: number;
  /** When what was sent until now has had its time, by `Clock.elapsed`. */
  freeAtMs: number;
}

/** The pace of a message with `devicesPerSecond`, as one of its chunks sees it. */
export interface ChunkPace {
  /** How long the next page has to wait. */
  readonly waitMs: number;
  /** Takes the time of so many devices. Returns when it is over, by `Clock.elapsed`. */
  take(devices: number): number;
  /** The chunk is not being sent any more. */
  end(): void;
}

/**
 * The chunks of a message with `devicesPerSecond` that are under way share its limit. One chunk at a time would be simpler, but a push
 * service that never responds would then hold the whole message: 50 made-up names held one for 324 s.
 */
export class MessagePaces {
  readonly #clock: Clock;
  readonly #paces = new Map<MessageSeq, Pace>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Null for a message without a limit. */
  begin({ message: { seq }, devicesPerSecond }: Pick<ChunkLease, 'message' | 'devicesPerSecond'>): ChunkPace | null {
    if (devicesPerSecond === null) return null;
    const clock = this.#clock;
    const pace = this.#paces.get(seq) ?? { chunks: 0, freeAtMs: clock.elapsed() };
    pace.chunks += 1;
    this.#paces.set(seq, pace);
    return {
      get waitMs() {
        return Math.max(0, Math.ceil(pace.freeAtMs - clock.elapsed()));
      },
      take(devices) {
        pace.freeAtMs = Math.max(pace.freeAtMs, clock.elapsed()) + (devices / devicesPerSecond) * 1000;
        return pace.freeAtMs;
      },
      end: () => {
        pace.chunks -= 1;
        // What its last page took is over by then, or nearly so.
        if (pace.chunks === 0) this.#paces.delete(seq);
      },
    };
  }
}
