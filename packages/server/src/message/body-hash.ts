import { createHash } from 'node:crypto';

/** What was asked for, as it came in: a parsed `at` would be another one with every repetition. */
export interface HashedBody {
  readonly target: unknown;
  readonly message: unknown;
  readonly options: unknown;
}

/**
 * SHA-256 of a request, by which a repetition of it is told from another one with the same idempotency key: the same for the
 * same JSON, whatever the order of its fields. The key itself is left out. The message was checked before: what JSON
 * cannot hold throws.
 */
export function bodyHash({ target, message, options }: HashedBody): Uint8Array {
  const body = { target, message, options: { ...Object(options), idempotencyKey: undefined } };
  return createHash('sha256').update(JSON.stringify(body, sortFields)).digest();
}

function sortFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
