import { loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import { aim, type BenchReport } from '../bench-report.ts';
import { type LatencySummary, percentile, summarizeLatencies } from '../load/latencies.ts';
import { machineFacts } from '../machine-facts.ts';
import { cpuShare } from '../process/resource-usage.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { ApplicationFunctions, Listening } from './application-process.ts';
import type { FloodFunctions } from './flood-process.ts';
import { askAsNeighbours, type Neighbour, type Served } from './neighbours.ts';
import { STRANGER_ADDRESS } from './stranger-address.ts';

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
  /** Responses to the strangers in a second, by status; `closed` counts connections. Of the last round. */
  readonly answersPerSecond: Readonly<Record<string, number>>;
  /** Of one core, in the last round. `application` has the messages as well, `quietApplication` nothing else. */
  readonly cpu: { readonly quietApplication: number; readonly application: number; readonly strangers: number };
  /** Others who ask beside the strangers, in `one-address` from the same address. Of the last round. */
  readonly neighbours: Readonly<Record<Neighbour, Served>>;
}

/** The figures of strangers with an address for each request, and in `rows` those of all. */
export interface StrangersReport extends BenchReport, Omit<StrangersRow, 'name'> {
  readonly rows: readonly StrangersRow[];
}

const MOST_RATIO = 2;
/** Until connections are there and code is warm; and after a flood, until the server has closed its connections. */
const WARM_UP_MS = 5_000;

/** Strangers at `/resubscribe` with made-up secrets, on PostgreSQL: what `notify` notices of them. */
export async function strangersBench(options: StrangersBenchOptions): Promise<StrangersReport> {
  const { signal } = options;
  const server = await startPostgres();
  const application = startProcess<ApplicationFunctions>({
    module: new URL('./application-process.ts', import.meta.url),
    signal,
  });
  try {
    const listening = await application.call('start', { url: server.url, schema: 'belfry' });
    const first = await measureRow('many-addresses', { ...options, application, listening });
    const rows = [first, await measureRow('one-address', { ...options, application, listening })];
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
  readonly listening: Listening;
}

async function measureRow(name: StrangersRow['name'], options: RowOptions): Promise<StrangersRow> {
  const { application, listening, connections, perSecond, durationMs, rounds, progress, signal } = options;
  const count = Math.ceil((perSecond * durationMs) / 1000);
  const measure = async (kind: string): Promise<LatencySummary> => {
    const summary = summarizeLatencies(await application.call('notifyAtRate', { perSecond, count }));
    progress(`${name}, ${kind}: p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms, at most ${summary.maxMs} ms`);
    return summary;
  };
  await application.call('notifyAtRate', { perSecond, count: perSecond });
  const [quiet, flooded]: [LatencySummary[], LatencySummary[]] = [[], []];
  const address = name === 'one-address' ? STRANGER_ADDRESS : '198.51.100.1';
  // So that the server knows them.
  let neighbours = await askAsNeighbours({ ...listening, address, signal: AbortSignal.abort() });
  let answers: Readonly<Record<string, number>> = {};
  let cpu = { quietApplication: 0, application: 0, strangers: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const beforeQuiet = await application.call('usage');
    quiet.push(await measure('quiet'));
    const quietApplication = cpuShare(beforeQuiet, await application.call('usage'));
    const module = new URL('./flood-process.ts', import.meta.url);
    const flood = startProcess<FloodFunctions>({ module, signal });
    try {
      await flood.call('start', { port: listening.port, connections, manyAddresses: name === 'many-addresses' });
      await setTimeout(WARM_UP_MS, undefined, { signal });
      const [before, strangersBefore] = [await application.call('usage'), await flood.call('count')];
      const isMeasured = new AbortController();
      const asking = askAsNeighbours({ ...listening, address, signal: isMeasured.signal });
      flooded.push(await measure('flooded'));
      const [after, strangersAfter] = [await application.call('usage'), await flood.call('count')];
      answers = strangersAfter.byStatus;
      const strangers = cpuShare(strangersBefore.usage, strangersAfter.usage);
      cpu = { quietApplication, application: cpuShare(before, after), strangers };
      isMeasured.abort();
      neighbours = await asking;
    } finally {
      await flood.call('stop');
      await flood.stop();
    }
    await setTimeout(WARM_UP_MS, undefined, { signal });
  }
  const [alone, beside] = [medianOf(quiet), medianOf(flooded)];
  const answersPerSecond = Object.fromEntries(
    Object.entries(answers).map(([status, n]) => [status, Math.round(n / (durationMs / 1000))]),
  );
  progress(`${name}: answers a second ${JSON.stringify(answersPerSecond)}, CPU ${JSON.stringify(cpu)}`);
  progress(`${name}: neighbours ${JSON.stringify(neighbours)}, load ${loadavg()[0]?.toFixed(1)}`);
  return {
    name,
    p99QuietMs: alone.p99Ms,
    p99Ms: beside.p99Ms,
    ratio: Math.round((beside.p99Ms / alone.p99Ms) * 100) / 100,
    quiet: alone,
    flooded: beside,
    answersPerSecond,
    cpu,
    neighbours,
  };
}

/** Of each figure the median over the rounds. */
function medianOf(summaries: readonly LatencySummary[]): LatencySummary {
  const median = (figure: keyof LatencySummary): number =>
    percentile(Float64Array.from(summaries, (summary) => summary[figure]).toSorted(), 0.5);
  return { n: median('n'), p50Ms: median('p50Ms'), p99Ms: median('p99Ms'), maxMs: median('maxMs') };
}
