import type { PushServiceOrigin } from '@belfry/protocol';
import type { ChunkLease, DeliveryDevice } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { CHUNKS_PER_ORIGIN, PAGE_DEVICES } from '../limits.ts';
import { OriginStragglers, type PageStragglers } from './origin-stragglers.ts';
import { type HasAccepted, PageJudge } from './page-judge.ts';
import type { PageReport } from './send-page.ts';
import { SlowUsers } from './slow-users.ts';

/** What one chunk is given, while it is being sent. */
export interface ChunkLoad extends PageStragglers {
  /** Devices of its next page. */
  readonly pageSize: number;
  /** Until when its push service is left alone after a page (ms since 1970); 0: it goes on. */
  heldAfter(devices: readonly DeliveryDevice[], report: PageReport): number;
  /** The request to a straggler has ended. */
  returned(straggler: DeliveryDevice, result: { readonly isAccepted: boolean }): void;
  /** It is not being sent any more. */
  end(): void;
}

interface Load {
  chunks: number;
  /** Chunks of messages with `devicesPerSecond`. They mostly wait. */
  paced: number;
  pageSize: number;
  /** By `Clock.elapsed`: a clock that is set back must not hold it for longer. */
  heldUntilMs: number;
  /** How long it is left alone after the next page of which most fails. */
  backOffMs: number;
  readonly judge: PageJudge;
  readonly stragglers: OriginStragglers;
}

const FIRST_BACK_OFF_MS = 5_000;
const LONGEST_BACK_OFF_MS = 600_000;
const MAX_REMEMBERED = 1_000;

export interface OriginLoadOptions {
  readonly clock: Clock;
  readonly hasAccepted: HasAccepted;
  isProven(origin: PushServiceOrigin): boolean;
}

/**
 * How much each push service is given of broadcasts: a few chunks at once. One that takes nothing is left alone for a while,
 * then one device finds out whether it does again, then ten, then a page: so what it does not take costs a row for a few
 * devices, and not for each.
 *
 * The users of the devices are counted, each of them once until whole pages are sent again: see `PageJudge`. A page that decides
 * nothing changes nothing, and the next one follows at once.
 */
export class OriginLoad {
  readonly #clock: Clock;
  readonly #isProven: (origin: PushServiceOrigin) => boolean;
  readonly #hasAccepted: HasAccepted;
  readonly #slowUsers: SlowUsers;
  readonly #loads = new Map<PushServiceOrigin, Load>();

  constructor({ clock, isProven, hasAccepted }: OriginLoadOptions) {
    this.#clock = clock;
    this.#isProven = isProven;
    this.#hasAccepted = hasAccepted;
    this.#slowUsers = new SlowUsers(clock);
  }

  /** How many have a place at their push service. */
  get chunks(): number {
    return [...this.#loads].reduce((sum, [origin, load]) => sum + this.#placesOf(origin, load), 0);
  }

  /** How many of them are at one that has not answered lately. */
  get unprovenChunks(): number {
    const busy = [...this.#loads].filter(([, { chunks, paced }]) => chunks + paced > 0);
    return busy.reduce((sum, [origin, load]) => sum + (this.#isProven(origin) ? 0 : this.#placesOf(origin, load)), 0);
  }

  /** Those that have as much as they are given, or take nothing now. */
  saturated(): PushServiceOrigin[] {
    const elapsed = this.#clock.elapsed();
    const isFull = ({ chunks, paced, pageSize, heldUntilMs }: Load): boolean =>
      elapsed < heldUntilMs || (pageSize < PAGE_DEVICES ? chunks + paced > 0 : chunks >= CHUNKS_PER_ORIGIN);
    return [...this.#loads].filter(([, load]) => isFull(load)).map(([origin]) => origin);
  }

  /** When the first of those that take nothing now is due (ms since 1970). */
  nextAt(): number | null {
    const elapsed = this.#clock.elapsed();
    const held = [...this.#loads.values()]
      .map(({ heldUntilMs }) => heldUntilMs - elapsed)
      .filter((leftMs) => leftMs > 0);
    return held.length === 0 ? null : this.#clock.now() + Math.min(...held);
  }

  /** A throttled chunk, which mostly waits, takes nobody's place, except at a push service that may never respond. */
  begin({ origin, devicesPerSecond }: ChunkLease): ChunkLoad {
    const load = this.#loads.get(origin) ?? {
      chunks: 0,
      paced: 0,
      // Where nobody knows whether it answers, one device finds out.
      pageSize: this.#isProven(origin) ? PAGE_DEVICES : 1,
      heldUntilMs: 0,
      backOffMs: FIRST_BACK_OFF_MS,
      judge: new PageJudge(this.#hasAccepted),
      stragglers: new OriginStragglers(this.#hasAccepted),
    };
    const kind = devicesPerSecond === null ? 'chunks' : 'paced';
    load[kind] += 1;
    this.#loads.set(origin, load);
    const slowUsers = this.#slowUsers;
    return {
      get pageSize() {
        return load.pageSize;
      },
      get hasStragglers() {
        return load.stragglers.hasStragglers || !slowUsers.isEmpty;
      },
      heldAfter: (devices, report) => this.#heldAfter(load, report, devices),
      isStraggling: (userId) => load.stragglers.isStraggling(userId) || slowUsers.has(origin, userId),
      heldUp: (userId) => slowUsers.add(origin, userId),
      leave: (stragglers, devices) => {
        const mayLeave = load.pageSize === PAGE_DEVICES || load.judge.mayLeave(stragglers);
        if (!this.#isProven(origin) || !mayLeave || !load.stragglers.leave(stragglers, devices)) return false;
        for (const { userId } of stragglers) slowUsers.add(origin, userId);
        return true;
      },
      returned: (straggler, { isAccepted }) => {
        load.stragglers.returned(straggler);
        // A push service that is slow, but works, must not stay with probes. What was sent before a back-off says nothing.
        const isProbing = load.pageSize < PAGE_DEVICES && this.#clock.elapsed() >= load.heldUntilMs;
        if (isAccepted && isProbing) giveMore(load);
      },
      end: () => {
        load[kind] -= 1;
        if (load.pageSize === PAGE_DEVICES || this.#loads.size > MAX_REMEMBERED) this.#forget(origin, load);
      },
    };
  }

  #placesOf(origin: PushServiceOrigin, { chunks, paced }: Load): number {
    return paced > 0 && !this.#isProven(origin) ? chunks + paced : chunks;
  }

  #heldAfter(load: Load, report: PageReport, devices: readonly DeliveryDevice[]): number {
    const { heldUntil, retrying } = report;
    const page = { devices, retrying, stragglers: report.stragglers.map(({ device }) => device) };
    const verdict = load.judge.judge(page, { isProbe: load.pageSize < PAGE_DEVICES });
    const [now, elapsed] = [this.#clock.now(), this.#clock.elapsed()];
    if (heldUntil === 0 && verdict === 'works') {
      giveMore(load);
      return 0;
    }
    // The next device finds out, at once, unless another chunk's page made it wait.
    if (heldUntil === 0 && verdict === 'undecided') {
      return elapsed < load.heldUntilMs ? Math.ceil(now + load.heldUntilMs - elapsed) : 0;
    }
    load.judge.backOff(page);
    const isFailing = verdict === 'fails';
    const until = Math.max(heldUntil, isFailing ? now + load.backOffMs : 0);
    // Chunks that were under way together fail together.
    if (isFailing && elapsed >= load.heldUntilMs) load.backOffMs = Math.min(load.backOffMs * 2, LONGEST_BACK_OFF_MS);
    load.heldUntilMs = Math.max(load.heldUntilMs, elapsed + until - now);
    load.pageSize = 1;
    return until;
  }

  #forget(origin: PushServiceOrigin, load: Load): void {
    if (load.chunks + load.paced === 0 && this.#loads.get(origin) === load) this.#loads.delete(origin);
  }
}

/** The push service works. */
function giveMore(load: Load): void {
  load.pageSize = Math.min(load.pageSize * 10, PAGE_DEVICES);
  if (load.pageSize < PAGE_DEVICES) return;
  load.backOffMs = FIRST_BACK_OFF_MS;
  load.judge.reset();
}
