/** A set of keys of bounded size. When it is full, it forgets keys that were added longest ago. */
export interface RecentKeys {
  has(key: string): boolean;
  /** A key that is added again counts as new. */
  add(key: string): void;
  delete(key: string): void;
}

/** Keeps at least half of `maxKeys`, and never more than `maxKeys`. */
export function createRecentKeys({ maxKeys }: { readonly maxKeys: number }): RecentKeys {
  // Two generations: deleting the oldest key of one Set, again and again, would walk over all that were deleted before.
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    has: (key) => newer.has(key) || older.has(key),
    add(key) {
      newer.add(key);
      if (newer.size * 2 >= maxKeys) [older, newer] = [newer, new Set()];
    },
    delete(key) {
      newer.delete(key);
      older.delete(key);
    },
  };
}
