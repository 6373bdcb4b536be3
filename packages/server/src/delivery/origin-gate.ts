import type { PushOutcome, PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import type { AnswerClass } from './classify-answer.ts';
import { keepNewest } from './keep-newest.ts';
import type { Refusals, Route } from './refusals.ts';

/** Why nothing can be sent now. */
export type HoldCause =
  | { readonly because: 'throttled' | 'retrying' }
  | { readonly because: 'misconfigured'; readonly status: number };

/** A delivery that waits for its push service, and for nothing of its own. */
export type Hold = HoldCause & {
  readonly kind: 'held';
  readonly until: number;
  /** Whether it was sent, and the answer was this; else nothing was. */
  readonly wasSent: boolean;
  /** `device`: others of its push service may be tried meanwhile. */
  readonly scope: 'device' | 'origin';
};

/** What came of an attempt, in the light of what else its push service said. */
export type JudgedOutcome = Exclude<PushOutcome, { kind: 'misconfigured' }> | Hold;

export type ConfigurationFault = Extract<PushOutcome, { kind: 'misconfigured' }>;

/**
 * A gate for each push service's origin, and one for each VAPID key there:
 *
 *     open → closed (an answer that speaks of all) → half open (its time is over, one attempt is let through) → open
 *               └────────────────────────────────────────────┘ twice as long where it is refused again
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
  /** A configuration fault came up; not told again before it has been mended. */
  onFault(route: Route, fault: ConfigurationFault): void;
  onMended(route: Route): void;
}

const FIRST_PAUSE_MS = { throttled: 5_000, retrying: 5_000, misconfigured: 60_000 } as const;
const LONGEST_PAUSE_MS = 3_600_000;
/** WNS is reported to lock senders out for a day; what asks for more is a mistake. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
/** What meets a half open gate comes again after this. */
const PROBE_WAIT_MS = 5_000;
const SHORTEST_HOLD_MS = 1_000;
const MAX_GATES = 1000;

interface Gate {
  cause: HoldCause;
  until: number;
  pauseMs: number;
  /** The attempt that a half open gate has let through. */
  probe: Route | undefined;
}

export function createOriginGate(options: OriginGateOptions): OriginGate {
  const { clock, refusals } = options;
  /** Those that are not open. */
  const gates = new Map<string, Gate>();

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
    const now = clock.now();
    const met = idsOf(route).flatMap((id) => gates.get(id) ?? []);
    for (const { cause, until, probe } of met) {
      if (now < until) return heldUnsent(cause, until);
      if (probe !== undefined) return heldUnsent(cause, now + PROBE_WAIT_MS);
    }
    for (const gate of met) gate.probe = route;
    return undefined;
  }

  function judge(route: Route, answer: AnswerClass): JudgedOutcome {
    switch (answer.kind) {
      case 'accepted':
        refusals.accepted(route);
        open(route, 'misconfigured');
        openProbed(route);
        return answer;
      case 'rejected':
        // Without a status nothing was sent.
        if (answer.status !== 0) openProbed(route);
        return answer;
      case 'gone':
      case 'key-mismatch':
        openProbed(route);
        return answer;
      case 'throttled':
      case 'retrying':
        if (answer.scope === 'device') return answer;
        return closeOrigin(route, answer);
      case 'not-sent':
        return heldUnsent({ because: 'retrying' }, heldUntil(answer.retryAt, clock.now()));
      case 'misconfigured':
        return judgeRefusal(route, answer);
    }
  }

  function judgeRefusal(route: Route, fault: ConfigurationFault): JudgedOutcome {
    const cause = { because: fault.kind, status: fault.status } as const;
    const verdict = fault.scope === 'origin' ? 'configuration' : refusals.refused(route);
    switch (verdict) {
      case 'device':
        return { kind: 'key-mismatch', scope: 'device' };
      case 'undecided':
        return {
          ...cause,
          kind: 'held',
          until: clock.now() + FIRST_PAUSE_MS.misconfigured,
          wasSent: true,
          scope: 'device',
        };
      case 'configuration': {
        const isKnown = idsOf(route).some((id) => gates.get(id)?.cause.because === 'misconfigured');
        if (!isKnown) options.onFault(route, fault);
        const id = fault.scope === 'origin' ? route.origin : keyIdOf(route);
        const hold = close(id, { route, cause, retryAfterMs: undefined });
        // Behind all that was not refused: else the same device would try the gate again and again, while others, which
        // may be accepted, never come to open it.
        return { ...hold, until: hold.until + PROBE_WAIT_MS };
      }
    }
  }

  function closeOrigin(
    route: Route,
    { kind, retryAfterMs }: { kind: 'throttled' | 'retrying'; retryAfterMs: number | undefined },
  ): Hold {
    const hold = close(route.origin, { route, cause: { because: kind }, retryAfterMs });
    options.pause(route.origin, hold.until - clock.now());
    return hold;
  }

  function close(
    id: string,
    { route, cause, retryAfterMs = 0 }: { route: Route; cause: HoldCause; retryAfterMs: number | undefined },
  ): Hold {
    const known = gates.get(id);
    // What was on its way when the gate closed comes back with the same, which makes nothing worse.
    const factor = known?.probe === route ? 2 : 1;
    const pauseMs = Math.min((known?.pauseMs ?? FIRST_PAUSE_MS[cause.because]) * factor, LONGEST_PAUSE_MS);
    const asked = Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
    const until = Math.max(known?.until ?? 0, clock.now() + asked);
    keepNewest(gates, { key: id, value: { cause, until, pauseMs, probe: undefined }, limit: MAX_GATES });
    return { ...cause, kind: 'held', until, wasSent: true, scope: 'origin' };
  }

  function open(route: Route, because: HoldCause['because']): void {
    for (const id of idsOf(route)) {
      if (gates.get(id)?.cause.because !== because) continue;
      gates.delete(id);
      if (because === 'misconfigured') options.onMended(route);
    }
  }

  /** An answer that speaks of the device alone ends a throttle; a refused token is only mended by one that is taken. */
  function openProbed(route: Route): void {
    if (gates.get(route.origin)?.probe !== route) return;
    open(route, 'throttled');
    open(route, 'retrying');
  }
}

function heldUnsent(cause: HoldCause, until: number): Hold {
  return { ...cause, kind: 'held', until, wasSent: false, scope: 'origin' };
}

/** Never at once: what was not sent would be tried without a pause. */
function heldUntil(retryAt: number | undefined, now: number): number {
  return retryAt === undefined ? now + PROBE_WAIT_MS : Math.max(retryAt, now + SHORTEST_HOLD_MS);
}

function keyIdOf({ origin, key }: Route): string {
  return `${origin} ${key}`;
}

function idsOf(route: Route): readonly [string, string] {
  return [route.origin, keyIdOf(route)];
}
