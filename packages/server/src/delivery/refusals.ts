import type { PushServiceOrigin, VapidPublicKey } from '@belfry/protocol';
import type { DeviceId } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { keepNewest } from './keep-newest.ts';

/** Where an attempt goes. */
export interface Route {
  readonly origin: PushServiceOrigin;
  readonly key: VapidPublicKey;
  readonly deviceId: DeviceId;
}

/**
 * Whom a refused token speaks against.
 *
 * - `device`: another device there, of the same key, was accepted since this one was first refused: it was made for another key
 * - `undecided`: others were accepted shortly before, and few are refused since
 * - `configuration`: nothing speaks for the device alone
 */
export type RefusalVerdict = 'device' | 'undecided' | 'configuration';

/** Tells a device that was made for another VAPID key from a configuration that is refused for all. */
export interface Refusals {
  accepted(route: Route): void;
  refused(route: Route): RefusalVerdict;
}

/** An acceptance counts as shortly before for so long. */
const RECENT_MS = 600_000;
/** So many devices refused since the last acceptance are no coincidence. */
const MANY = 3;
const MAX_PLACES = 1000;
const MAX_REFUSED = 1000;

/** What is known of an origin and key. Moments are counted, not timed: two answers may come within a millisecond. */
interface Place {
  accepted: { readonly moment: number; readonly at: number; readonly deviceId: DeviceId } | undefined;
  /** When each device was refused first, since it was last accepted. */
  readonly refused: Map<DeviceId, number>;
}

export function createRefusals(clock: Clock): Refusals {
  const places = new Map<string, Place>();
  let moment = 0;

  return {
    accepted(route) {
      const place = placeOf(route);
      place.accepted = { moment: ++moment, at: clock.now(), deviceId: route.deviceId };
      place.refused.delete(route.deviceId);
    },
    refused(route) {
      const { accepted, refused } = placeOf(route);
      const first = refused.get(route.deviceId) ?? ++moment;
      keepNewest(refused, { key: route.deviceId, value: first, limit: MAX_REFUSED });
      if (accepted === undefined || accepted.deviceId === route.deviceId) return 'configuration';
      if (accepted.moment > first) return 'device';
      const since = [...refused.values()].filter((one) => one > accepted.moment).length;
      return since < MANY && clock.now() - accepted.at < RECENT_MS ? 'undecided' : 'configuration';
    },
  };

  function placeOf({ origin, key }: Route): Place {
    const id = `${origin} ${key}`;
    const place = places.get(id) ?? { accepted: undefined, refused: new Map<DeviceId, number>() };
    keepNewest(places, { key: id, value: place, limit: MAX_PLACES });
    return place;
  }
}
