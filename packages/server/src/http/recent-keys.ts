/** A set of keys of bounded size, each of which has an owner: a user, or a device. When it is full, it forgets keys that were added longest ago. */
export interface RecentKeys {
  ownerOf(key: string): string | undefined;
  /** A key that is added again counts as new. An owner beyond `maxPerOwner` loses the oldest of their own keys. */
  add(key: string, owner: string): void;
  delete(key: string): void;
}

interface Generation {
  readonly owners: Map<string, string>;
  /** In the order in which they were added. */
  readonly keysOf: Map<string, Set<string>>;
}

/**
 * Keeps at least half of `maxKeys`, and never more than `maxKeys`. One owner has few places: a user could otherwise add new keys
 * until all other users are forgotten.
 */
export function createRecentKeys(limits: { readonly maxKeys: number; readonly maxPerOwner: number }): RecentKeys {
  const { maxKeys, maxPerOwner } = limits;
  // Two generations: deleting the oldest key of one Map, again and again, would walk over all that were deleted before.
  let newer = emptyGeneration();
  let older = emptyGeneration();
  return { ownerOf, add, delete: forget };

  function ownerOf(key: string): string | undefined {
    return newer.owners.get(key) ?? older.owners.get(key);
  }

  function add(key: string, owner: string): void {
    const keys = newer.keysOf.get(owner) ?? new Set(keptKeys(older, owner));
    newer.keysOf.set(owner, keys);
    keys.delete(key);
    keys.add(key);
    newer.owners.set(key, owner);
    if (keys.size > maxPerOwner) dropOldest(keys, owner);
    if (newer.owners.size * 2 >= maxKeys) [older, newer] = [newer, emptyGeneration()];
  }

  function keptKeys({ keysOf }: Generation, owner: string): readonly string[] {
    return [...(keysOf.get(owner) ?? [])].filter((key) => ownerOf(key) === owner);
  }

  function dropOldest(keys: Set<string>, owner: string): void {
    for (const oldest of keys) {
      keys.delete(oldest);
      if (ownerOf(oldest) === owner) forget(oldest);
      return;
    }
  }

  function forget(key: string): void {
    newer.owners.delete(key);
    older.owners.delete(key);
  }
}

function emptyGeneration(): Generation {
  return { owners: new Map(), keysOf: new Map() };
}
