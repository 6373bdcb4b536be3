/** A set of keys of bounded size, each of which has an owner. When it is full, it forgets keys that were added longest ago. */
export interface RecentKeys<Owner extends string> {
  ownerOf(key: string): Owner | undefined;
  /** A key that is added again counts as new. An owner beyond `maxPerOwner` loses the oldest of their own keys. */
  add(key: string, owner: Owner): void;
  delete(key: string): void;
}

interface Generation<Owner> {
  readonly owners: Map<string, Owner>;
  /** In the order in which they were added. */
  readonly keysOf: Map<Owner, Set<string>>;
}

/**
 * Keeps at least half of `maxKeys`, and never more than `maxKeys`. One owner has few places: a user could otherwise add new keys
 * until all other users are forgotten.
 */
export function createRecentKeys<Owner extends string>(limits: {
  readonly maxKeys: number;
  readonly maxPerOwner: number;
}): RecentKeys<Owner> {
  const { maxKeys, maxPerOwner } = limits;
  // Two generations: deleting the oldest key of one Map, again and again, would walk over all that were deleted before.
  let newer = emptyGeneration<Owner>();
  let older = emptyGeneration<Owner>();
  return { ownerOf, add, delete: forget };

  function ownerOf(key: string): Owner | undefined {
    return newer.owners.get(key) ?? older.owners.get(key);
  }

  function add(key: string, owner: Owner): void {
    forget(key);
    const keys = newer.keysOf.get(owner) ?? new Set(keptKeys(older, owner));
    newer.keysOf.set(owner, keys);
    keys.add(key);
    newer.owners.set(key, owner);
    if (keys.size > maxPerOwner) dropOldest(keys, owner);
    if (newer.owners.size * 2 >= maxKeys) [older, newer] = [newer, emptyGeneration()];
  }

  function keptKeys({ keysOf }: Generation<Owner>, owner: Owner): readonly string[] {
    return [...(keysOf.get(owner) ?? [])].filter((key) => ownerOf(key) === owner);
  }

  function dropOldest(keys: Set<string>, owner: Owner): void {
    for (const oldest of keys) {
      keys.delete(oldest);
      if (ownerOf(oldest) === owner) forget(oldest);
      return;
    }
  }

  /** With its owner, where that was the last key: else each user who subscribes and unsubscribes would stay in memory. */
  function forget(key: string): void {
    const owner = ownerOf(key);
    if (owner === undefined) return;
    for (const { owners, keysOf } of [newer, older]) {
      owners.delete(key);
      const keys = keysOf.get(owner);
      keys?.delete(key);
      if (keys?.size === 0) keysOf.delete(owner);
    }
  }
}

function emptyGeneration<Owner>(): Generation<Owner> {
  return { owners: new Map(), keysOf: new Map() };
}
