import type { Endpoint, PushServiceOrigin } from '@belfry/protocol';
import { Agreement } from '../agreement.ts';
import type { Clock } from '../effects.ts';
import { keepNewest } from '../keep-newest.ts';
import { CLOCK_STEP_MS, MAX_REMEMBERED_ORIGINS } from '../limits.ts';

/** A device that a token is made for. */
export interface TokenDevice {
  readonly origin: PushServiceOrigin;
  readonly endpoint: Endpoint;
  /** Belfry's own number of the device's user. */
  readonly userId: number;
  /** The device has accepted a message before, with the subscription that it has now. */
  readonly isProven: boolean;
}

/**
 * How far our clock is ahead of those of push services, where they refused tokens for that.
 *
 * What one device is told changes the token of that device alone: one node of a push service may have a wrong clock, and
 * whoever is signed in can save a device that is refused. The token of all others at the push service changes only where
 * several devices of several users need another one (see `Agreement`), and none was accepted with the present one since.
 *
 * Devices that agree may all belong to an attacker with several accounts. So until a message is accepted with the token that
 * they need, one device that is refused with it is enough to return to our own clock.
 *
 * A rule that lets one device speak for all while nobody was accepted lately is shorter. But then one account delays each
 * message at a push service that gets a message every quarter of an hour.
 */
export interface KnownSkews {
  /** The skew that a device's next token is made for; 0 where nothing is known. */
  of(device: Pick<TokenDevice, 'origin' | 'endpoint'>): number;
  /** The device accepted a message with a token that was made for this skew. */
  accepted(device: TokenDevice, tokenSkewMs: number): void;
  /**
   * The device was refused with a token that was made for `tokenSkewMs`. `clockSkewMs` is what the push service's `Date` says, and
   * undefined where that is close to our clock.
   *
   * @returns whether the token was made for a wrong time, so that the refusal says nothing of the device or its key
   */
  refused(
    device: TokenDevice,
    skews: { readonly tokenSkewMs: number; readonly clockSkewMs: number | undefined },
  ): boolean;
}

interface OriginSkew {
  readonly skewMs: number;
  /** A message was accepted with such a token. */
  readonly isConfirmed: boolean;
}

/** A token has 12 h to either side, so that less does not matter. */
const HOUR_MS = 3_600_000;
/** About 300 bytes each. One that is forgotten is refused once more. */
const MAX_SKEWED_DEVICES = 10_000;

export function createKnownSkews(clock: Clock): KnownSkews {
  const ofOrigins = new Map<PushServiceOrigin, OriginSkew>();
  /** Of devices that need another skew than that of their origin. */
  const ofDevices = new Map<Endpoint, number>();
  /** What devices that need another skew say, since the last acceptance with that of their origin. */
  const dissent = new Map<PushServiceOrigin, Agreement>();
  let aheadMs = clock.now() - clock.elapsed();

  return {
    of({ origin, endpoint }) {
      if (ofOrigins.size === 0 && ofDevices.size === 0) return 0;
      forgetAfterStep();
      return ofDevices.get(endpoint) ?? ofOrigin(origin);
    },
    accepted(device, tokenSkewMs) {
      const { origin, endpoint } = device;
      if (ofDevices.size === 0 && dissent.size === 0 && ofOrigins.size === 0) return;
      const confirmed = { skewMs: tokenSkewMs, isConfirmed: true };
      if (tokenSkewMs !== ofOrigin(origin)) return disagree(device, confirmed);
      ofDevices.delete(endpoint);
      dissent.delete(origin);
      if (ofOrigins.has(origin)) ofOrigins.set(origin, confirmed);
    },
    refused(device, { tokenSkewMs, clockSkewMs = 0 }) {
      forgetAfterStep();
      if (Math.abs(clockSkewMs - tokenSkewMs) < HOUR_MS) return false;
      // In whole hours, so that devices that are told the same second by second share one token.
      const skewMs = Math.round(clockSkewMs / HOUR_MS) * HOUR_MS;
      const { origin, endpoint } = device;
      const known = ofOrigins.get(origin);
      if (known?.isConfirmed === false && known.skewMs === tokenSkewMs) ofOrigins.delete(origin);
      ofDevices.delete(endpoint);
      if (skewMs === ofOrigin(origin)) return true;
      keepNewest(ofDevices, { key: endpoint, value: skewMs, limit: MAX_SKEWED_DEVICES });
      disagree(device, { skewMs, isConfirmed: false });
      return true;
    },
  };

  function ofOrigin(origin: PushServiceOrigin): number {
    return ofOrigins.get(origin)?.skewMs ?? 0;
  }

  function disagree(device: TokenDevice, needed: OriginSkew): void {
    const { origin } = device;
    const agreement = dissent.get(origin) ?? new Agreement();
    keepNewest(dissent, { key: origin, value: agreement, limit: MAX_REMEMBERED_ORIGINS });
    agreement.add({ ...device, delayMs: 0 });
    if (!agreement.isReached) return;
    dissent.delete(origin);
    keepNewest(ofOrigins, { key: origin, value: needed, limit: MAX_REMEMBERED_ORIGINS });
  }

  /** Where somebody set the clock, all that was learnt is wrong. */
  function forgetAfterStep(): void {
    const nowAheadMs = clock.now() - clock.elapsed();
    if (Math.abs(nowAheadMs - aheadMs) > CLOCK_STEP_MS)
      for (const known of [ofOrigins, ofDevices, dissent]) known.clear();
    aheadMs = nowAheadMs;
  }
}
