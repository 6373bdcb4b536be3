import type {
  AttemptOutcome as RecordedOutcome,
  ChunkLease,
  DeliveryDevice,
  FinalState,
  PageResult,
} from '@belfry/store';
import type { AttemptOutcome } from '../delivery/attempt-delivery.ts';
import type { MakeAttempt } from '../delivery/make-attempt.ts';
import { recordedOutcome } from '../delivery/recorded-outcome.ts';
import type { Clock } from '../effects.ts';
import { STRAGGLER_MS } from '../limits.ts';
import type { PreparedMessage } from '../message/prepared-message.ts';
import type { PageStragglers } from './origin-stragglers.ts';
import { PageEnds } from './page-ends.ts';
import { untilStragglers } from './until-stragglers.ts';

export interface SendPageOptions {
  readonly chunk: ChunkLease;
  readonly message: PreparedMessage;
  readonly makeAttempt: MakeAttempt;
  readonly clock: Clock;
  random(): number;
  readonly signal: AbortSignal;
  /** By `Clock.elapsed`; see `SendOptions`. */
  readonly startBy: number;
  readonly load: PageStragglers;
}

/** How the request to one device ended. */
export interface DeviceResult {
  readonly recorded: RecordedOutcome;
  /** The moment that `recorded` counts from, ms since 1970. */
  readonly now: number;
}

/** A device whose request goes on after its page. */
export interface Straggler {
  readonly device: DeliveryDevice;
  /** Rejects where the signal ends the request. */
  readonly ended: Promise<DeviceResult>;
}

/** What came of a page. */
export interface PageReport {
  readonly counts: Readonly<Partial<Record<FinalState, number>>>;
  readonly results: readonly PageResult[];
  /** The page does not wait for these. */
  readonly stragglers: readonly Straggler[];
  /** Nothing was sent, since the push service takes nothing now. */
  readonly isUntouched: boolean;
  /** Those that have to be tried again, each by what its own answer said. */
  readonly retrying: readonly DeliveryDevice[];
  /** Until when the push service takes nothing, ms since 1970; 0 where it is not known to take nothing. */
  readonly heldUntil: number;
}

interface EndedRequest extends DeviceResult {
  readonly device: DeliveryDevice;
  readonly outcome: AttemptOutcome;
}

/**
 * Sends a page of a broadcast, all of it at once: the transport decides how much of it is in flight. Devices that do not respond
 * while the others do are left behind: 50 devices of one user, each of which held its page for 30 s, stopped every broadcast at
 * their push service.
 */
export async function sendPage(devices: readonly DeliveryDevice[], options: SendPageOptions): Promise<PageReport> {
  const { chunk, message, makeAttempt, clock, signal, startBy, load } = options;
  const counts: Partial<Record<FinalState, number>> = {};
  const results: PageResult[] = [];
  let untouched = 0;
  const retrying: DeliveryDevice[] = [];
  /** By `Clock.elapsed`: the clock may be set while the page is sent. */
  let heldUntilMs = 0;
  /** By the place of the device in the page. */
  const hasEnded = new Uint8Array(devices.length);
  let open = devices.length;
  const ends = new PageEnds(clock.now());
  let isOver = false;

  /** Returns the result of a straggler alone: what is made for each device is what a broadcast costs. */
  async function sendOne(device: DeliveryDevice, place: number): Promise<DeviceResult | undefined> {
    const attempt = { message, device, attempts: 0, expiresAt: chunk.expiresAt };
    const outcome = await makeAttempt(attempt, { signal, startBy, priority: 'broadcast' });
    const now = clock.now();
    const recorded = recordedOutcome(attempt, outcome, { now, random: options.random });
    if (isOver) return { recorded, now };
    hasEnded[place] = 1;
    open -= 1;
    // By the clock that may be set, which was asked already: at worst a user counts as slow for a while.
    if (ends.add(device.userId, now) > STRAGGLER_MS) load.heldUp(device.userId);
    count({ device, outcome, recorded, now });
    return undefined;
  }

  function count({ device, outcome, recorded, now }: EndedRequest): void {
    if (outcome.kind === 'held' && outcome.scope === 'origin') {
      if (!outcome.wasSent) untouched += 1;
      heldUntilMs = Math.max(heldUntilMs, clock.elapsed() + outcome.until - now);
    } else if (outcome.kind === 'held' || outcome.kind === 'retrying' || outcome.kind === 'throttled') {
      // A device whose connection another one's request ended says nothing of the push service. One account held up broadcasts like that.
      if (outcome.kind !== 'held' || outcome.isInterrupted !== true) retrying.push(device);
    }
    if (recorded.state !== 'retrying') counts[recorded.state] = (counts[recorded.state] ?? 0) + 1;
    // Of most devices nothing is to be written: that they had it is what the cursor says.
    const isPlain = recorded.state === 'accepted' && !device.isFailing && message.options.topic === undefined;
    if (!isPlain) results.push({ ...recorded, deviceId: device.id, binding: device.binding, decidedAt: now });
  }

  const requests = devices.map(sendOne);
  const openDevices = (): DeliveryDevice[] => devices.filter((_, place) => hasEnded[place] === 0);
  await untilStragglers({ devices, requests, open: () => open, openDevices }, { clock, load });
  isOver = true;
  const stragglers = open === 0 ? [] : stragglersOf(devices, { requests, hasEnded });
  return {
    counts,
    results,
    stragglers,
    isUntouched: devices.length > 0 && untouched === devices.length,
    retrying,
    heldUntil: heldUntilMs === 0 ? 0 : Math.ceil(clock.now() + heldUntilMs - clock.elapsed()),
  };
}

function stragglersOf(
  devices: readonly DeliveryDevice[],
  { requests, hasEnded }: { requests: readonly Promise<DeviceResult | undefined>[]; hasEnded: Uint8Array },
): Straggler[] {
  return requests.flatMap((request, place) => {
    const device = devices[place];
    if (device === undefined || hasEnded[place] === 1) return [];
    const ended = request.then((result) => {
      if (result === undefined) throw new Error('A request that was left behind has a result');
      return result;
    });
    // Whoever waits for it is told; this only keeps a rejection from counting as unhandled until then.
    ended.catch(() => {});
    return [{ device, ended }];
  });
}
