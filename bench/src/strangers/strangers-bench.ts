import { setTimeout } from 'node:timers/promises';
import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import { aim, type BenchReport } from '../bench-report.ts';
import { type LatencySummary, percentile, summarizeLatencies } from '../load/latencies.ts';
import { machineFacts } from '../machine-facts.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { ApplicationFunctions } from './application-process.ts';
import type { FloodFunctions } from './flood-process.ts';

export interface StrangersBenchOptions {
  readonly connections: number;
  readonly perSecond: number;
  readonly durationMs: number;
  /** How often each of the two phases is measured. */
  readonly rounds: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** `notify` without strangers, and beside them. */
export interface StrangersRow {
  readonly name: 'many-addresses' | 'one-address';
  readonly p99QuietMs: number;
  readonly p99Ms: number;
  /** Of the two. */
  readonly ratio: number;
  readonly quiet: LatencySummary;
  readonly flooded: LatencySummary;
  /** What the strangers were answered a second, by status. */
  readonly answersPerSecond: Readonly<Record<string, number>>;
}

/** The figures of strangers with an address for each request, and in `rows` those of all. */
export interface StrangersReport extends BenchReport, Omit<StrangersRow, 'name'> {
  readonly rows: readonly StrangersRow[];
}

const MOST_RATIO = 2;
/** Until connections are there and code is warm. */
const WARM_UP_MS = 2_000;

/** Strangers at `/resubscribe` with made-up secrets, on PostgreSQL: what `notify` notices of them. */
export async function strangersBench(options: StrangersBenchOptions): Promise<StrangersReport> {
  const { signal } = options;
  const server = await startPostgres();
  const application = startProcess<ApplicationFunctions>({
    module: new URL('./application-process.ts', import.meta.url),
    signal,
  });
  try {
    const port = await application.call('start', { url: server.url, schema: 'belfry' });
    const first = await measureRow('many-addresses', { ...options, application, port });
    const rows = [first, await measureRow('one-address', { ...options, application, port })];
    const aims = rows.map(({ name, ratio }) => aim(`${name}.ratio`, { value: ratio, below: MOST_RATIO }));
    const { name: _, ...figures } = first;
    return {
      bench: 'strangers',
      ...figures,
      met: aims.every(({ met }) => met),
      aims,
      machine: machineFacts(),
      rows,
    };
  } finally {
    await application.stop();
    await server.stop();
  }
}

interface RowOptions extends StrangersBenchOptions {
  readonly application: BenchProcess<ApplicationFunctions>;
  readonly port: number;
}

async function measureRow(name: StrangersRow['name'], options: RowOptions): Promise<StrangersRow> {
  const { application, port, connections, perSecond, durationMs, rounds, progress, signal } = options;
  const count = Math.ceil((perSecond * durationMs) / 1000);
  const measure = async (kind: string): Promise<LatencySummary> => {
    const summary = summarizeLatencies(await application.call('notifyAtRate', { perSecond, count }));
    progress(`${name}, ${kind}: p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms, at most ${summary.maxMs} ms`);
    return summary;
  };
  await application.call('notifyAtRate', { perSecond, count: perSecond });
  const [quiet, flooded]: [LatencySummary[], LatencySummary[]] = [[], []];
  let answers: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(await measure('quiet'));
    const module = new URL('./flood-process.ts', import.meta.url);
    const flood = startProcess<FloodFunctions>({ module, signal });
    try {
      await flood.call('start', { port, connections, manyAddresses: name === 'many-addresses' });
      await setTimeout(WARM_UP_MS, undefined, { signal });
      await flood.call('count');
      flooded.push(await measure('flooded'));
      answers = await flood.call('count');
    } finally {
      await flood.call('stop');
      await flood.stop();
    }
    // What the last of them asked for is over then.
    await setTimeout(WARM_UP_MS, undefined, { signal });
  }
  const [alone, beside] = [medianOf(quiet), medianOf(flooded)];
  const answersPerSecond = Object.fromEntries(
    Object.entries(answers).map(([status, n]) => [status, Math.round(n / (durationMs / 1000))]),
  );
  progress(`${name}: answers a second ${JSON.stringify(answersPerSecond)}`);
  return {
    name,
    p99QuietMs: alone.p99Ms,
    p99Ms: beside.p99Ms,
    ratio: Math.round((beside.p99Ms / alone.p99Ms) * 100) / 100,
    quiet: alone,
    flooded: beside,
    answersPerSecond,
  };
}

/** Of each figure the median over the rounds. */
function medianOf(summaries: readonly LatencySummary[]): LatencySummary {
  const median = (figure: keyof LatencySummary): number =>
    percentile(Float64Array.from(summaries, (summary) => summary[figure]).toSorted(), 0.5);
  return { n: median('n'), p50Ms: median('p50Ms'), p99Ms: median('p99Ms'), maxMs: median('maxMs') };
}
