import type { Engine } from '../store/store-location.ts';
import { fraction } from './fraction.ts';
import { type FaultName, faultsOf, kindOf } from './fault-kinds.ts';

/** When something happens: at so much of the round's first message, counted in pushes that have arrived. */
export interface Moment {
  /** From 0 to 1. */
  readonly at: number;
}

/** What happens in a round, besides what the push service does. */
export interface RoundPlan {
  /** kill -9 of a sender, and a new one in its place. */
  readonly kills: readonly (Moment & { readonly sender: number })[];
  /** SIGSTOP of a sender until its leases are over, then SIGCONT. */
  readonly stop: (Moment & { readonly sender: number }) | undefined;
  /** A second broadcast during the first. */
  readonly second: Moment | undefined;
  /** The database crashes and comes back. */
  readonly crash: Moment | undefined;
  /** One of the faults that the engine can have; undefined where there is none. */
  readonly fault: (Moment & { readonly sender: number; readonly name: FaultName }) | undefined;
}

const EXTRAS: readonly (readonly ('stop' | 'second' | 'crash')[])[] = [
  ['second', 'stop'],
  ['crash'],
  [],
  ['second', 'crash'],
  ['stop'],
  [],
];

const MAX_KILLS = 3;

export interface PlanOptions {
  readonly seed: number;
  /** From 0 on. */
  readonly round: number;
  readonly engine: Engine;
}

/** The same for the same options. The moments are random; what else there is comes in turn, so that none is left out. */
export function planRound({ seed, round, engine }: PlanOptions): RoundPlan {
  let drawn = 0;
  const random = (): number => fraction(seed, round, ++drawn);
  const moment = (): Moment => ({ at: random() });
  const ofSender = (): Moment & { readonly sender: number } => ({ at: random(), sender: Math.floor(random() * 1000) });
  const kills = Array.from({ length: 1 + Math.floor(random() * MAX_KILLS) }, ofSender);
  const extras = new Set(EXTRAS[round % EXTRAS.length]);
  const faults = faultsOf(engine);
  const name = faults[round % faults.length];
  return {
    kills,
    stop: extras.has('stop') ? ofSender() : undefined,
    second: extras.has('second') ? moment() : undefined,
    crash: engine === 'postgres' && extras.has('crash') ? moment() : undefined,
    fault: name === undefined ? undefined : { ...ofSender(), name },
  };
}

/** For who reads, such as '2 kills, a second broadcast'. */
export function planInWords({ kills, stop, second, crash, fault }: RoundPlan): string {
  return [
    kills.length === 1 ? '1 kill' : `${kills.length} kills`,
    ...(stop ? ['a sender stopped'] : []),
    ...(second ? ['a second broadcast'] : []),
    ...(crash ? ['the database restarted'] : []),
    ...(fault ? [kindOf(fault.name).words] : []),
  ].join(', ');
}
