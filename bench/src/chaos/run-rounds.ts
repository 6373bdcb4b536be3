import type { Engine } from '../store/store-location.ts';
import type { BenchProcess } from '../process/start-process.ts';
import type { EngineRow } from './chaos-report.ts';
import { planInWords, planRound } from './plan-round.ts';
import type { MessageCounts } from './push-counts.ts';
import type { PushServiceFunctions } from './push-service-process.ts';
import { type RoundOptions, type RoundResult, runRound } from './run-round.ts';

export interface RoundsOptions
  extends Pick<RoundOptions, 'senders' | 'leaseMs' | 'subscriptions' | 'store' | 'progress'> {
  readonly pushService: BenchProcess<PushServiceFunctions>;
  /** Undefined where there is no database that could end. */
  readonly restartDatabase: (() => Promise<void>) | undefined;
  readonly rounds: number;
  readonly seed: number;
  readonly engine: Engine;
}

/** Runs rounds one after the other, and sums them up. */
export async function runRounds(options: RoundsOptions): Promise<Omit<EngineRow, 'name' | 'senders'>> {
  const { engine, rounds, seed, pushService, restartDatabase } = options;
  const startedAt = performance.now();
  const ended: RoundResult[] = [];
  let kills = 0;
  let stops = 0;
  let restarts = 0;
  const faults: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    const plan = planRound({ seed, round, engine });
    kills += plan.kills.length;
    stops += plan.stop === undefined ? 0 : 1;
    restarts += plan.crash === undefined ? 0 : 1;
    if (plan.fault !== undefined) faults[plan.fault.name] = (faults[plan.fault.name] ?? 0) + 1;
    const roundAt = performance.now();
    const result = await runRound({ ...options, plan, round, restartDatabase: restartDatabase ?? (async () => {}) });
    ended.push(result);
    const { missed, duplicates, ambiguous, arrived } = await countsOf(pushService, result.messages);
    const bound = `${result.pagesInFlight} in flight, ${ambiguous} ambiguous`;
    options.progress(
      `${engine} ${round + 1}/${rounds}: ${planInWords(plan)} · ${arrived} pushes in ${seconds(roundAt)} s · ` +
        `missed ${missed}, duplicates ${duplicates} (${bound})` +
        (result.overrun === 0 ? '' : `, overrun ${result.overrun}`) +
        (result.miscounted === 0 ? '' : `, miscounted ${result.miscounted}`),
    );
  }
  // Once more, for what may have come after its round.
  const counts = await Promise.all(ended.map(({ messages }) => countsOf(pushService, messages)));
  const all = sumOf(counts);
  const pagesInFlight = total(ended.map((round) => round.pagesInFlight));
  return {
    rounds,
    pushes: all.arrived,
    missed: all.missed,
    duplicates: all.duplicates,
    pagesInFlight,
    overrun: total(ended.map((round) => round.overrun)),
    ambiguous: all.ambiguous,
    roundsBeyondBound: counts.filter(
      ({ duplicates, ambiguous }, round) => duplicates > ambiguous + (ended[round]?.pagesInFlight ?? 0),
    ).length,
    unreadable: await pushService.call('unreadable'),
    miscounted: total(ended.map((round) => round.miscounted)),
    kills,
    stops,
    restarts,
    faults,
    seconds: seconds(startedAt),
  };
}

async function countsOf(
  pushService: BenchProcess<PushServiceFunctions>,
  messages: readonly number[],
): Promise<MessageCounts> {
  return sumOf(await Promise.all(messages.map((message) => pushService.call('counts', message))));
}

function sumOf(counts: readonly MessageCounts[]): MessageCounts {
  return {
    missed: total(counts.map(({ missed }) => missed)),
    duplicates: total(counts.map(({ duplicates }) => duplicates)),
    ambiguous: total(counts.map(({ ambiguous }) => ambiguous)),
    arrived: total(counts.map(({ arrived }) => arrived)),
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 100) / 10;
}
