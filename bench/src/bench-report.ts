import type { MachineFacts } from './machine-facts.ts';

/** What a bench's figure should be below, or at least, and whether it was. */
export interface Aim {
  /** Row and figure, such as 'mcs.p99Ms'. */
  readonly name: string;
  readonly below?: number;
  readonly atLeast?: number;
  readonly value: number;
  readonly met: boolean;
}

/** What every bench reports, beside figures of its own. */
export interface BenchReport {
  readonly bench: string;
  /** Whether all of its aims were. */
  readonly met: boolean;
  readonly aims: readonly Aim[];
  readonly machine: MachineFacts;
  /** Its variants. */
  readonly rows: readonly { readonly name: string }[];
}

export function aim(
  name: string,
  limit: { readonly value: number; readonly below: number } | { readonly value: number; readonly atLeast: number },
): Aim {
  return { name, ...limit, met: 'below' in limit ? limit.value < limit.below : limit.value >= limit.atLeast };
}

/** For who reads. */
export function aimLine({ name, value, below, atLeast, met }: Aim): string {
  return `${met ? 'met' : 'NOT met'}: ${name} ${value}, ${below === undefined ? `at least ${atLeast}` : `below ${below}`}`;
}
