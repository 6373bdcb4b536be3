import type { AttemptOutcome as RecordedOutcome } from '@belfry/store';
import type { Attempt, AttemptOutcome } from './attempt-delivery.ts';
import { retryDelayMs } from './retry-delay.ts';

/**
 * What an attempt leaves in the store. What could come again only after the message's time is over ends now; with TTL 0
 * that is anything.
 *
 * @param circumstances.random between 0 and 1; asked only where it is needed: random bytes take 2 µs
 */
export function recordedOutcome(
  { message, device, attempts, expiresAt }: Attempt,
  outcome: AttemptOutcome,
  { now, random }: { now: number; random(): number },
): RecordedOutcome {
  const retryBefore = message.options.ttl === 0 ? 0 : expiresAt;
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'accepted', ...(device.isProven ? {} : { endpoint: device.endpoint }) };
    case 'expired':
      return { state: 'expired' };
    case 'gone':
    case 'key-mismatch':
      return { state: outcome.kind, endpoint: device.endpoint };
    case 'rejected': {
      const mayBeDevice = outcome.blames === 'unknown' && outcome.status >= 400 && outcome.status < 500;
      return { state: 'rejected', ...(mayBeDevice ? { endpoint: device.endpoint } : {}) };
    }
    case 'held':
      if (outcome.until < retryBefore) return { state: 'retrying', runAt: outcome.until, isHeld: true };
      return { state: outcome.because === 'misconfigured' ? 'misconfigured' : 'expired' };
    case 'throttled':
    case 'retrying': {
      const runAt = now + retryDelayMs({ attempts, retryAfterMs: outcome.retryAfterMs, random: random() });
      return runAt < retryBefore ? { state: 'retrying', runAt } : { state: 'expired' };
    }
  }
}
