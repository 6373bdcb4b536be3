const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;

/**
 * How long to wait before another attempt: 5 s, doubled each time up to an hour, of which a random half is left out, so
 * that a service which comes back is not met by everybody at once. Never sooner than the service asked.
 *
 * @param random between 0 and 1
 */
export function retryDelayMs(options: { attempts: number; retryAfterMs: number | undefined; random: number }): number {
  const backOffMs = Math.min(FIRST_MS * 2 ** options.attempts, LONGEST_MS) * (1 - options.random / 2);
  return Math.ceil(Math.max(backOffMs, options.retryAfterMs ?? 0));
}
