import type { PushOutcome, PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { Agreement } from '../agreement.ts';
import type { AnswerClass } from './classify-answer.ts';
import { keepNewest } from '../keep-newest.ts';
import { HeldDevices, type HoldCause } from './held-devices.ts';
import type { Refusals, Route } from './refusals.ts';

/** A delivery that waits, and of which this attempt does not count. */
export type Hold = HoldCause & {
  readonly kind: 'held';
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Whether it was sent, and the answer was this; else nothing was. */
  readonly wasSent: boolean;
  /** `device`: others of its push service may be tried meanwhile. */
  readonly scope: 'device' | 'origin';
  /** Its connection ended, perhaps because of another request. */
  readonly isInterrupted?: true;
};

/** What came of an attempt, in the light of what else its push service said. */
export type JudgedOutcome = Exclude<PushOutcome, { kind: 'misconfigured' }> | Hold | { readonly kind: 'expired' };

const INTERRUPTED = { wasSent: true, scope: 'device', isInterrupted: true } as const;

export type ConfigurationFault = Extract<PushOutcome, { kind: 'misconfigured' }>;
type Slowdown = Extract<PushOutcome, { kind: 'throttled' | 'retrying' }>;

/**
 * A gate for each push service's origin, and one for each VAPID key there:
 *
 *     open → closed (several devices of several users agree) → half open (its time is over, one attempt is let through) → open
 *               └────────────────────────────────────────────────┘ twice as long where it is refused again
 *
 * What one device is told holds that device alone: anybody who is signed in can save devices whose push service refuses
 * them, and must not stop everybody's messages with that.
 */
export interface OriginGate {
  /** Makes the attempt, unless the gate is closed. Rejects where the attempt does. */
  pass(route: Route, attempt: () => Promise<AnswerClass>): Promise<JudgedOutcome>;
}

export interface OriginGateOptions {
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** Holds back what waits for the origin already. */
  pause(origin: PushServiceOrigin, delayMs: number): void;
  /** A push service refuses this server, as far as is known. Not called again before that has ended. */
  onFault(route: Route, fault: ConfigurationFault, refusedDevices: number): void;
  onMended(route: Route): void;
}

const FIRST_PAUSE_MS = { throttled: 5_000, retrying: 5_000, misconfigured: 60_000 } as const;
/**
 * The longest first pause, whatever `Retry-After` says: some users' devices may be told an hour, as by a quota of their own.
 * Then one attempt is let through, and where it is refused too, the pause is twice as long.
 */
const LONGEST_FIRST_PAUSE_MS = 60_000;
/** An origin is asked again after this, whatever it said. */
const LONGEST_PAUSE_MS = 3_600_000;
/** WNS is reported to lock senders out for a day; what asks for more of one device is a mistake. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
/** What meets a half open gate comes again after this. */
const PROBE_WAIT_MS = 5_000;
const SHORTEST_HOLD_MS = 1_000;
const MAX_GATES = 1000;

interface Gate {
  readonly cause: HoldCause;
  /** By `Clock.elapsed`. */
  readonly untilMs: number;
  readonly pauseMs: number;
  /** Whose refused attempt closed it. The next refusal of the same user does not close it for longer. */
  readonly userId: number;
  /** The attempt that a half open gate has let through. */
  probe: Route | undefined;
}

/** An answer that may close a gate. */
interface Closing {
  readonly route: Route;
  readonly cause: HoldCause;
  /** How long the push service asks to be left alone. */
  readonly askedMs: number;
  /** The device was accepted before: only such a one keeps a half open gate closed. */
  readonly isProven: boolean;
  /** Enough devices have said so since the last acceptance. */
  readonly isAgreed: boolean;
}

export function createOriginGate(options: OriginGateOptions): OriginGate {
  const { clock, refusals } = options;
  /** Those that are not open. */
  const gates = new Map<string, Gate>();
  const heldDevices = new HeldDevices(options);
  /** What devices said of their origin since the last acceptance there. */
  const slowdowns = new Map<PushServiceOrigin, Agreement>();
  /** Origins, or origins and keys, whose fault was told. */
  const faults = new Map<string, true>();

  return {
    async pass(route, attempt) {
      const held = enter(route);
      if (held !== undefined) return held;
      let answer: AnswerClass | undefined;
      try {
        answer = await attempt();
        return judge(route, answer);
      } finally {
        for (const id of idsOf(route)) {
          const gate = gates.get(id);
          if (gate?.probe === route) gate.probe = undefined;
        }
      }
    },
  };

  function enter(route: Route): Hold | undefined {
    const now = clock.elapsed();
    const met = idsOf(route).flatMap((id) => gates.get(id) ?? []);
    for (const { cause, untilMs, probe } of met) {
      if (now < untilMs) return heldUnsent(cause, untilMs - now);
      if (probe !== undefined) return heldUnsent(cause, PROBE_WAIT_MS);
    }
    const device = heldDevices.of(route);
    if (device !== undefined) return { ...heldUnsent(device.cause, device.leftMs), scope: 'device' };
    for (const gate of met) gate.probe = route;
    return undefined;
  }

  function judge(route: Route, answer: AnswerClass): JudgedOutcome {
    switch (answer.kind) {
      case 'accepted':
        refusals.accepted(route);
        slowdowns.get(route.origin)?.clear();
        open(route, 'misconfigured');
        openProbed(route);
        tellMended(route);
        return answer;
      case 'rejected':
        // Without a status nothing was sent.
        if (answer.status !== 0) openProbed(route);
        return answer;
      case 'gone':
      case 'key-mismatch':
        openProbed(route);
        return answer;
      case 'expired':
        return answer;
      case 'interrupted':
        return { ...heldUnsent({ because: 'retrying' }, answer.retryAt - clock.now()), ...INTERRUPTED };
      case 'throttled':
      case 'retrying':
        return judgeSlowdown(route, answer);
      case 'not-sent':
        return {
          ...heldUnsent({ because: 'retrying' }, delayUntil(answer.retryAt, clock.now())),
          scope: answer.scope,
        };
      case 'misconfigured':
        return judgeRefusal(route, answer);
    }
  }

  function judgeSlowdown(route: Route, { kind, scope, retryAfterMs }: Slowdown): JudgedOutcome {
    const askedMs = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
    const cause = { because: kind };
    if (askedMs !== undefined) heldDevices.hold(route, { cause, holdMs: askedMs, endsWhenDecided: false });
    const alone: JudgedOutcome = { kind, scope: 'device', retryAfterMs: askedMs };
    if (scope === 'device') return alone;
    const agreement = slowdowns.get(route.origin) ?? new Agreement();
    keepNewest(slowdowns, { key: route.origin, value: agreement, limit: MAX_GATES });
    const isProven = refusals.isProven(route);
    agreement.add({ ...route, isProven, delayMs: askedMs ?? 0 });
    const { shortestMs: askedMsOfAll, isReached: isAgreed } = agreement;
    const hold = close(route.origin, { route, cause, askedMs: askedMsOfAll, isProven, isAgreed });
    if (hold === undefined) return alone;
    agreement.clear();
    options.pause(route.origin, hold.until - clock.now());
    return hold;
  }

  function judgeRefusal(route: Route, fault: ConfigurationFault): JudgedOutcome {
    const cause = { because: fault.kind, status: fault.status } as const;
    const verdict = refusals.refused(route);
    // Where a clock is wrong, no device is to blame for a refused token.
    const isOfClock = fault.scope === 'origin';
    const alone = (holdMs: number): Hold => {
      heldDevices.hold(route, { cause, holdMs, endsWhenDecided: !isOfClock });
      return { ...heldUnsent(cause, holdMs), wasSent: true, scope: 'device' };
    };
    switch (verdict.against) {
      case 'device':
        return isOfClock ? alone(FIRST_PAUSE_MS.misconfigured) : { kind: 'key-mismatch', scope: 'device' };
      case 'undecided':
        if (verdict.isFault) tellFault(route, fault, verdict.refusedDevices);
        return alone(verdict.holdMs);
      case 'configuration': {
        tellFault(route, fault, verdict.refusedDevices);
        const id = isOfClock ? route.origin : keyIdOf(route);
        const hold = close(id, { route, cause, askedMs: 0, isProven: true, isAgreed: true });
        // Behind all that was not refused: else the same device would try the gate again and again, while others, which
        // may be accepted, never come to open it.
        return hold === undefined ? alone(verdict.holdMs) : { ...hold, until: hold.until + PROBE_WAIT_MS };
      }
    }
  }

  /** Undefined where the gate stays as it is, and lets others through or will do so. */
  function close(id: string, { route, cause, askedMs, isProven, isAgreed }: Closing): Hold | undefined {
    const known = gates.get(id);
    const now = clock.elapsed();
    // What was on its way when the gate closed comes back with the same, which makes nothing worse.
    if (known !== undefined && now < known.untilMs) return { ...heldUnsent(cause, known.untilMs - now), wasSent: true };
    const isProbe = known?.probe === route;
    const keepsClosed = isProbe && isProven && known.userId !== route.userId;
    if (!keepsClosed && !isAgreed) return undefined;
    const firstMs = Math.max(FIRST_PAUSE_MS[cause.because], Math.min(askedMs, LONGEST_FIRST_PAUSE_MS));
    const pauseMs = isProbe ? Math.min(known.pauseMs * 2, LONGEST_PAUSE_MS) : firstMs;
    const gate = { cause, untilMs: now + pauseMs, pauseMs, userId: route.userId, probe: undefined };
    keepNewest(gates, { key: id, value: gate, limit: MAX_GATES });
    return { ...heldUnsent(cause, pauseMs), wasSent: true };
  }

  function open(route: Route, because: HoldCause['because']): void {
    for (const id of idsOf(route)) if (gates.get(id)?.cause.because === because) gates.delete(id);
  }

  /** An answer that speaks of the device alone ends a throttle; a refused token is only mended by one that is taken. */
  function openProbed(route: Route): void {
    if (gates.get(route.origin)?.probe !== route) return;
    open(route, 'throttled');
    open(route, 'retrying');
  }

  function tellFault(route: Route, fault: ConfigurationFault, refusedDevices: number): void {
    if (idsOf(route).some((id) => faults.has(id))) return;
    const id = fault.scope === 'origin' ? route.origin : keyIdOf(route);
    keepNewest(faults, { key: id, value: true, limit: MAX_GATES });
    options.onFault(route, fault, refusedDevices);
  }

  function tellMended(route: Route): void {
    if (faults.size === 0) return;
    for (const id of idsOf(route)) if (faults.delete(id)) options.onMended(route);
  }

  function heldUnsent(cause: HoldCause, delayMs: number): Hold {
    // The store keeps whole milliseconds; the monotonic clock has fractions.
    return { ...cause, kind: 'held', until: clock.now() + Math.ceil(delayMs), wasSent: false, scope: 'origin' };
  }
}

/** Never at once: what was not sent would be tried without a pause. */
function delayUntil(retryAt: number | undefined, now: number): number {
  return retryAt === undefined ? PROBE_WAIT_MS : Math.max(retryAt - now, SHORTEST_HOLD_MS);
}

function keyIdOf({ origin, key }: Route): string {
  return `${origin} ${key}`;
}

function idsOf(route: Route): readonly [string, string] {
  return [route.origin, keyIdOf(route)];
}
