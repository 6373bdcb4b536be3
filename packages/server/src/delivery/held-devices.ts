import type { DeviceId } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { keepNewest } from '../keep-newest.ts';
import type { Refusals, Route } from './refusals.ts';

/** Why nothing can be sent now. */
export type HoldCause =
  | { readonly because: 'throttled' | 'retrying' }
  | { readonly because: 'misconfigured'; readonly status: number };

/** Why and for how long a device is left alone. */
export interface DeviceHold {
  readonly cause: HoldCause;
  readonly holdMs: number;
  /**
   * Another device's acceptance ends the hold: this device's next answer then tells whether the device is to blame. It tells
   * nothing where a clock is to blame.
   */
  readonly endsWhenDecided: boolean;
}

interface HeldDevice extends Omit<DeviceHold, 'holdMs'> {
  readonly endpoint: string;
  /** By `Clock.elapsed`. */
  readonly untilMs: number;
}

const MAX_HELD_DEVICES = 10_000;

/** The devices that are left alone for a while, each for what it was told itself. */
export class HeldDevices {
  readonly #devices = new Map<DeviceId, HeldDevice>();
  readonly #clock: Clock;
  readonly #refusals: Pick<Refusals, 'isDecided'>;

  constructor({ clock, refusals }: { readonly clock: Clock; readonly refusals: Pick<Refusals, 'isDecided'> }) {
    this.#clock = clock;
    this.#refusals = refusals;
  }

  hold({ deviceId, endpoint }: Route, { cause, holdMs, endsWhenDecided }: DeviceHold): void {
    const untilMs = this.#clock.elapsed() + holdMs;
    const value = { cause, endsWhenDecided, endpoint, untilMs };
    keepNewest(this.#devices, { key: deviceId, value, limit: MAX_HELD_DEVICES });
  }

  /** What is left of a device's hold, if it has one. A new subscription ends it. */
  of(route: Route): { readonly cause: HoldCause; readonly leftMs: number } | undefined {
    const device = this.#devices.get(route.deviceId);
    if (device === undefined) return undefined;
    const { cause, endpoint, untilMs, endsWhenDecided } = device;
    const leftMs = untilMs - this.#clock.elapsed();
    const isDecided = endsWhenDecided && this.#refusals.isDecided(route);
    if (leftMs > 0 && endpoint === route.endpoint && !isDecided) return { cause, leftMs };
    this.#devices.delete(route.deviceId);
    return undefined;
  }
}
