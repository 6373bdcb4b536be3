import { aim, aimLine, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import type { Engine } from '../store/store-location.ts';

/** What rounds came to. */
export interface ChaosFigures {
  readonly rounds: number;
  /** Pushes of all attempts. */
  readonly pushes: number;
  /** Subscriptions that did not get a message, over all messages. */
  readonly missed: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
  /** Devices in pages, and in retries, that a sender had under way when it was killed or stopped, or when their lease ended. */
  readonly pagesInFlight: number;
  /** The last of these alone: in a process that was neither killed nor stopped, but came too late to commit. */
  readonly overrun: number;
  /** Pushes that were taken and whose answer did not arrive. */
  readonly ambiguous: number;
  /** Rounds with more duplicates than pages in flight and ambiguous pushes. */
  readonly roundsBeyondBound: number;
  /** Requests that were none of a sender's, or not for their subscription. */
  readonly unreadable: number;
  /** By how much the messages' own counters of accepted devices are off. */
  readonly miscounted: number;
  readonly kills: number;
  readonly stops: number;
  readonly restarts: number;
}

export interface EngineRow extends ChaosFigures {
  readonly name: Engine;
  readonly senders: number;
  /** How often each fault of `fault-kinds.ts` came. */
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface ChaosReport extends BenchReport, ChaosFigures {
  /** Brings the same faults and the same plan of each round again; when exactly a process is hit is never the same. */
  readonly seed: number;
  /** How much faster the senders' clocks were. */
  readonly speed: number;
  readonly subscriptions: number;
  readonly rows: readonly EngineRow[];
}

/** Of these there may be none. */
const FAILURES = ['missed', 'roundsBeyondBound', 'unreadable', 'miscounted'] as const;

export function chaosReport(
  rows: readonly EngineRow[],
  { seed, speed, subscriptions }: Pick<ChaosReport, 'seed' | 'speed' | 'subscriptions'>,
): ChaosReport {
  const total = (figure: keyof ChaosFigures): number => rows.reduce((sum, row) => sum + row[figure], 0);
  const figures = {
    rounds: total('rounds'),
    missed: total('missed'),
    duplicates: total('duplicates'),
    pagesInFlight: total('pagesInFlight'),
    ambiguous: total('ambiguous'),
    overrun: total('overrun'),
    roundsBeyondBound: total('roundsBeyondBound'),
    unreadable: total('unreadable'),
    miscounted: total('miscounted'),
    pushes: total('pushes'),
    kills: total('kills'),
    stops: total('stops'),
    restarts: total('restarts'),
  };
  const aims = FAILURES.map((name) => aim(name, { value: figures[name], below: 1 }));
  const met = aims.every((one) => one.met);
  return { bench: 'chaos', ...figures, met, seed, speed, subscriptions, aims, machine: machineFacts(), rows };
}

/** For who reads. */
export function chaosSummary({ rounds, missed, duplicates, pagesInFlight, ambiguous, aims }: ChaosReport): string {
  return [
    `${rounds} rounds: ${missed} missed, ${duplicates} sent twice; in flight ${pagesInFlight}, ambiguous ${ambiguous}`,
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
