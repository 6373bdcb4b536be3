import { availableParallelism } from 'node:os';

/** How many threads may encrypt beside the main one. */
export function spareCores(): number {
  return Math.max(1, availableParallelism() - 1);
}
