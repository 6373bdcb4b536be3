import type { MachineFacts } from './machine-facts.ts';

/** What a bench's figure should be below, and whether it was. */
export interface Aim {
  /** Row and figure, such as 'mcs.p99Ms'. */
  readonly name: string;
  readonly below: number;
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

export function aim(name: string, { value, below }: { readonly value: number; readonly below: number }): Aim {
  return { name, value, below, met: value < below };
}
