import type { Endpoint, PushServiceOrigin, VapidPublicKey } from '@belfry/protocol';
import type { DeviceId } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { Agreement } from '../agreement.ts';
import { keepNewest } from '../keep-newest.ts';

/** Where an attempt goes. */
export interface Route {
  readonly origin: PushServiceOrigin;
  readonly key: VapidPublicKey;
  readonly deviceId: DeviceId;
  readonly endpoint: Endpoint;
  /** Belfry's own number of the device's user. */
  readonly userId: number;
  /** See `DeliveryDevice.isProven`. */
  readonly isProven: boolean;
}

/**
 * Whom a refused token speaks against.
 *
 * - `device`: another device of the same origin and key was accepted after this one was first refused, so this one was made
 *   for another key
 * - `undecided`: too few devices are refused to blame the configuration. `isFault`: nothing says that it is right either, as
 *   no device was accepted lately
 * - `configuration`: several proven devices of several users are refused, and none was accepted since
 */
export type RefusalVerdict =
  | { readonly against: 'device' }
  | ({ readonly against: 'undecided'; readonly isFault: boolean } & RefusedDevices)
  | ({ readonly against: 'configuration' } & RefusedDevices);

interface RefusedDevices {
  /** For how long this device is left alone. */
  readonly holdMs: number;
  /** How many devices were refused since the last acceptance. */
  readonly refusedDevices: number;
}

/**
 * Tells a device that was made for another VAPID key from a configuration that is refused for all.
 *
 * Anybody who is signed in can save endpoints that were never given out, and those are refused for ever. So a refusal counts
 * against the configuration only where the same subscription was accepted before (a proven device), and for a proven device
 * to be blamed another proven one has to be accepted.
 */
export interface Refusals {
  accepted(route: Route): void;
  /** Whether the device has accepted a message, with the subscription and the key that it has now. */
  isProven(route: Pick<Route, 'isProven' | 'endpoint' | 'key'>): boolean;
  refused(route: Route): RefusalVerdict;
  /** Whether another acceptance has come since the device was refused, so that its next answer tells what is wrong. */
  isDecided(route: Route): boolean;
}

/** An acceptance counts as lately for so long. */
const RECENT_MS = 600_000;
const FIRST_HOLD_MS = 60_000;
const LONGEST_HOLD_MS = 3_600_000;
const MAX_PLACES = 1000;
const MAX_REFUSED = 1000;
/** Endpoints of which an acceptance is remembered that the store does not know of: broadcasts leave none there. */
const MAX_ACCEPTED = 10_000;

/** A device that was refused, and not accepted since. */
interface RefusedDevice {
  readonly endpoint: Endpoint;
  /** When it was first refused. */
  readonly moment: number;
  readonly holdMs: number;
  /** By `Clock.elapsed`. */
  readonly heldUntilMs: number;
}

/** What is known of an origin and key. Moments are counted, not timed: two answers may come within a millisecond. */
interface Place {
  /** The last acceptance of any device, and of one that was proven before. */
  acceptedMoment: number;
  acceptedProvenMoment: number;
  /** By `Clock.elapsed`. */
  acceptedAtMs: number;
  readonly refused: Map<DeviceId, RefusedDevice>;
  /** Proven devices that were refused since the last acceptance. */
  readonly provenRefusals: Agreement;
}

export function createRefusals(clock: Clock): Refusals {
  const places = new Map<string, Place>();
  const acceptedEndpoints = new Map<Endpoint, VapidPublicKey>();
  let moment = 0;

  return {
    accepted(route) {
      const place = placeOf(route);
      moment += 1;
      place.acceptedMoment = moment;
      if (isProven(route)) place.acceptedProvenMoment = moment;
      place.acceptedAtMs = clock.elapsed();
      // What the configuration was to blame for says nothing of the devices.
      if (place.provenRefusals.isReached) place.refused.clear();
      place.refused.delete(route.deviceId);
      place.provenRefusals.clear();
      if (route.isProven) return;
      keepNewest(acceptedEndpoints, { key: route.endpoint, value: route.key, limit: MAX_ACCEPTED });
    },
    refused(route) {
      const place = placeOf(route);
      const { acceptedMoment, acceptedAtMs, refused, provenRefusals } = place;
      const device = refusedAgain(knownRefused(place, route));
      keepNewest(refused, { key: route.deviceId, value: { ...device, endpoint: route.endpoint }, limit: MAX_REFUSED });
      if (isAtFault(route, { place, device })) return { against: 'device' };
      const { holdMs } = device;
      const refusedDevices = [...refused.values()].filter((one) => one.moment > acceptedMoment).length;
      if (isProven(route)) {
        provenRefusals.add({ ...route, isProven: true, delayMs: holdMs });
        if (provenRefusals.isReached) return { against: 'configuration', holdMs, refusedDevices };
      }
      const isFault = clock.elapsed() - acceptedAtMs >= RECENT_MS;
      return { against: 'undecided', isFault, holdMs, refusedDevices };
    },
    isProven,
    isDecided(route) {
      const place = places.get(idOf(route));
      if (place === undefined) return false;
      const device = knownRefused(place, route);
      return device !== undefined && isAtFault(route, { place, device });
    },
  };

  /** Twice as long as before, where it was left alone for that long: several messages at once are one refusal. */
  function refusedAgain(known: RefusedDevice | undefined): Omit<RefusedDevice, 'endpoint'> {
    const now = clock.elapsed();
    if (known === undefined) {
      moment += 1;
      return { moment, holdMs: FIRST_HOLD_MS, heldUntilMs: now + FIRST_HOLD_MS };
    }
    if (now < known.heldUntilMs) return known;
    const holdMs = Math.min(known.holdMs * 2, LONGEST_HOLD_MS);
    return { moment: known.moment, holdMs, heldUntilMs: now + holdMs };
  }

  function isAtFault(
    route: Route,
    { place, device }: { place: Place; device: Pick<RefusedDevice, 'moment'> },
  ): boolean {
    return (isProven(route) ? place.acceptedProvenMoment : place.acceptedMoment) > device.moment;
  }

  function isProven({
    isProven: isProvenInStore,
    endpoint,
    key,
  }: Pick<Route, 'isProven' | 'endpoint' | 'key'>): boolean {
    return isProvenInStore || acceptedEndpoints.get(endpoint) === key;
  }

  function placeOf(route: Route): Place {
    const id = idOf(route);
    const place = places.get(id) ?? {
      acceptedMoment: 0,
      acceptedProvenMoment: 0,
      acceptedAtMs: Number.NEGATIVE_INFINITY,
      refused: new Map<DeviceId, RefusedDevice>(),
      provenRefusals: new Agreement(),
    };
    keepNewest(places, { key: id, value: place, limit: MAX_PLACES });
    return place;
  }
}

/** What is known of the device, unless it has another subscription since. */
function knownRefused({ refused }: Place, { deviceId, endpoint }: Route): RefusedDevice | undefined {
  const known = refused.get(deviceId);
  return known?.endpoint === endpoint ? known : undefined;
}

function idOf({ origin, key }: Route): string {
  return `${origin} ${key}`;
}
