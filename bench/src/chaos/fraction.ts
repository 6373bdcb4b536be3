/**
 * A number from 0 up to 1, as if drawn at random, that depends on these integers alone: so the same seed brings the same
 * faults for each push, in whatever order the pushes come.
 */
export function fraction(...numbers: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    // The finalizer of MurmurHash3, which spreads every bit over all others.
    hash = Math.imul(hash ^ number ^ (hash >>> 15), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
