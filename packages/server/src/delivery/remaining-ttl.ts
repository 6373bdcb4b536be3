import { branded, type Ttl } from '@belfry/protocol';
import type { StoredMessage } from '@belfry/store';

/** A message of TTL 0 that waited longer than this for its own process is not "now" any more. */
const NOW_MS = 10_000;

/** Seconds that are left to a message; undefined where its time is over. TTL 0 is now or never: it has one attempt. */
export function remainingTtl(
  message: StoredMessage,
  { now, attempts }: { now: number; attempts: number },
): Ttl | undefined {
  if (message.expiresAt === message.createdAt) {
    return attempts === 0 && now - message.createdAt <= NOW_MS ? branded(0) : undefined;
  }
  const leftMs = message.expiresAt - now;
  return leftMs > 0 ? branded(Math.ceil(leftMs / 1000)) : undefined;
}
