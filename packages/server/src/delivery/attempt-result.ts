import type { AttemptResult, Delivery } from '@belfry/store';
import type { AttemptOutcome } from './attempt-delivery.ts';
import { retryDelayMs } from './retry-delay.ts';

/**
 * What an attempt leaves in the store. What could come again only after the message's time is over ends now.
 *
 * @param circumstances.random between 0 and 1
 */
export function attemptResult(
  { message, device, attempts }: Delivery,
  outcome: AttemptOutcome,
  { now, random }: { now: number; random: number },
): AttemptResult {
  const attempt = { seq: message.seq, deviceId: device.id, now };
  switch (outcome.kind) {
    case 'accepted':
    case 'key-mismatch':
    case 'expired':
      return { ...attempt, state: outcome.kind };
    case 'gone':
      return { ...attempt, state: 'gone', endpoint: device.endpoint };
    case 'rejected': {
      const mayBeDevice = outcome.blames === 'unknown' && outcome.status >= 400 && outcome.status < 500;
      return { ...attempt, state: 'rejected', ...(mayBeDevice ? { endpoint: device.endpoint } : {}) };
    }
    case 'held':
      if (outcome.until < message.expiresAt) {
        return { ...attempt, state: 'retrying', runAt: outcome.until, isHeld: true };
      }
      return { ...attempt, state: outcome.because === 'misconfigured' ? 'misconfigured' : 'expired' };
    case 'throttled':
    case 'retrying': {
      const runAt = now + retryDelayMs({ attempts, retryAfterMs: outcome.retryAfterMs, random });
      return runAt < message.expiresAt ? { ...attempt, state: 'retrying', runAt } : { ...attempt, state: 'expired' };
    }
  }
}
