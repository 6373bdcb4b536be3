import type { KeyObject } from 'node:crypto';
import {
  createVapidToken,
  toSigningKey,
  type VapidKeys,
  type VapidPublicKey,
  type VapidSubject,
  vapidAuthorization,
} from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { MAX_VAPID_TOKENS } from '../limits.ts';
import { createKnownSkews, type KnownSkews, type TokenDevice } from './known-skews.ts';

/** Half of the 24 h that RFC 8292 §2 allows, so that a clock may be wrong by hours on either side. */
const LIFETIME_MS = 12 * 3600 * 1000;
/** A token is renewed this long before its end. Apple wants a new one no more than hourly. */
const RENEW_BEFORE_MS = 3600 * 1000;

/** What a request is authorized with. */
export interface VapidToken {
  /** The value of the `Authorization` header. */
  readonly header: string;
  /** How far our clock is ahead of the time that it was made for. */
  readonly skewMs: number;
}

interface CachedToken extends VapidToken {
  /** When it ends, by our clock as it was then: its `exp` is by the clock of the push service. */
  readonly endsAt: number;
  /** Grows with each use of any token. */
  lastUse: number;
}

export interface VapidAuthorizer extends Pick<KnownSkews, 'accepted' | 'refused'> {
  /** A token for the device's push service, signed with a pair of keys. */
  authorize(device: Pick<TokenDevice, 'origin' | 'endpoint'>, keys: VapidKeys): VapidToken;
}

/**
 * Signs once per push service and key, then uses that token again for about 12 h: a signature costs more than a third
 * of what else there is to do for a message. Keeps at most `MAX_VAPID_TOKENS`, and forgets the one that was used least recently:
 * Apple refuses who comes with a new token too often, so a thousand made-up push services must not push out its token.
 *
 * Where the clock was set back, a token would be valid for longer than the 24 h that push services allow, so it is made anew.
 */
export function createVapidAuthorizer({ subject, clock }: { subject: VapidSubject; clock: Clock }): VapidAuthorizer {
  const signingKeys = new Map<VapidPublicKey, KeyObject>();
  const cached = new Map<string, CachedToken>();
  const skews = createKnownSkews(clock);
  let uses = 0;

  return { authorize, accepted: skews.accepted, refused: skews.refused };

  function authorize(device: Pick<TokenDevice, 'origin' | 'endpoint'>, keys: VapidKeys): VapidToken {
    const audience = device.origin;
    const now = clock.now();
    const skewMs = skews.of(device);
    const cacheKey = `${audience} ${keys.publicKey} ${skewMs}`;
    const known = cached.get(cacheKey);
    const leftMs = known === undefined ? 0 : known.endsAt - now;
    if (known !== undefined && leftMs > RENEW_BEFORE_MS && leftMs <= LIFETIME_MS) {
      known.lastUse = ++uses;
      return known;
    }
    const signingKey = signingKeys.get(keys.publicKey) ?? toSigningKey(keys);
    signingKeys.set(keys.publicKey, signingKey);
    const expiresAt = Math.floor((now - skewMs + LIFETIME_MS) / 1000);
    const token = createVapidToken({ audience, expiresAt, subject, signingKey });
    const header = vapidAuthorization({ token, publicKey: keys.publicKey });
    if (known === undefined && cached.size >= MAX_VAPID_TOKENS) forgetLeastUsed();
    const made = { header, skewMs, endsAt: now + LIFETIME_MS, lastUse: ++uses };
    cached.set(cacheKey, made);
    return made;
  }

  /** A walk over all 1,000 takes 7 µs, a signature 35: to keep the map in order would take 1.6 µs at each message. */
  function forgetLeastUsed(): void {
    let oldest: [string, CachedToken] | undefined;
    for (const entry of cached) if (oldest === undefined || entry[1].lastUse < oldest[1].lastUse) oldest = entry;
    if (oldest !== undefined) cached.delete(oldest[0]);
  }
}
