/** Puts an entry behind all others, and forgets the first where there are too many. */
export function keepNewest<Key, Value>(
  map: Map<Key, Value>,
  { key, value, limit }: { key: Key; value: Value; limit: number },
): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > limit && first !== undefined) map.delete(first);
}
