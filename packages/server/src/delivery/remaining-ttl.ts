import { branded, type Ttl } from '@belfry/protocol';

/**
 * Seconds that are left to a message; undefined where its time is over. TTL 0 is now or never: it has one attempt, with
 * nothing left of it.
 */
export function remainingTtl(
  { ttl, expiresAt }: { readonly ttl: Ttl; readonly expiresAt: number },
  { now, attempts }: { now: number; attempts: number },
): Ttl | undefined {
  const leftMs = expiresAt - now;
  if (leftMs <= 0 || (ttl === 0 && attempts > 0)) return undefined;
  // Where the clock was set back, it would seem that more is left than there ever was.
  return ttl === 0 ? ttl : branded(Math.min(Math.ceil(leftMs / 1000), ttl));
}
