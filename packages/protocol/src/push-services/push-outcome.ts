/**
 * Whom an answer speaks of: one subscription, all of its push service's origin, or all subscriptions there that were
 * made for one VAPID key.
 */
export type OutcomeScope = 'device' | 'origin' | 'origin-and-key';

/**
 * What a push service's answer means for one message to one subscription.
 *
 * - `accepted`: the push service took it (not yet: somebody saw it)
 * - `gone`: the subscription is no more
 * - `key-mismatch`: it was made for another VAPID key, and the answer says so
 * - `misconfigured`: the VAPID token, its subject or the clock is refused; `reason` is the service's own word for it,
 *   where it is a known one, and `clockSkewMs` how far our clock is ahead of the service's, where that is far
 * - `throttled`, `retrying`: not now; `retryAfterMs` where the answer says when
 * - `rejected`: never; `blames` the message (too large, a bad header), or nobody knows what
 */
export type PushOutcome =
  | { readonly kind: 'accepted' | 'gone' | 'key-mismatch'; readonly scope: 'device' }
  | {
      readonly kind: 'misconfigured';
      readonly scope: 'origin' | 'origin-and-key';
      readonly status: number;
      readonly reason: string | undefined;
      readonly clockSkewMs: number | undefined;
    }
  | {
      readonly kind: 'throttled' | 'retrying';
      readonly scope: 'device' | 'origin';
      readonly retryAfterMs: number | undefined;
    }
  | {
      readonly kind: 'rejected';
      readonly scope: 'device';
      readonly status: number;
      readonly blames: 'message' | 'unknown';
    };
