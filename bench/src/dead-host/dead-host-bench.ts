import { aim, type BenchReport } from '../bench-report.ts';
import { type LatencySummary, percentile, summarizeLatencies } from '../load/latencies.ts';
import { machineFacts } from '../machine-facts.ts';
import { startProcess } from '../process/start-process.ts';
import { DEATHS, type Death } from './dead-host.ts';
import { measurePhase, type Phase, type PhaseOptions } from './measure-phase.ts';
import type { ServicesFunctions } from './services-process.ts';

export interface DeadHostBenchOptions extends Pick<PhaseOptions, 'perSecond' | 'durationMs' | 'dataRoot' | 'signal'> {
  /** How often each of the two phases is measured. */
  readonly rounds: number;
  /** A row for each: so many dead origins. */
  readonly origins: readonly number[];
  /** The names of the rows that are measured; undefined: all. */
  readonly only?: readonly string[] | undefined;
  readonly progress: (text: string) => void;
}

/** What healthy devices get, alone and beside as many on a dead host. */
export interface DeadHostRow {
  readonly name: string;
  readonly p99AloneMs: number;
  readonly p99Ms: number;
  /** Of the two. */
  readonly ratio: number;
  /** CPU time of the application for each message to a healthy device, all threads, in µs. */
  readonly cpuAloneUs: number;
  readonly cpuUs: number;
  readonly alone: LatencySummary;
  readonly beside: LatencySummary;
  /** Messages to healthy devices that did not arrive. */
  readonly lost: number;
}

/** The figures of the host that takes requests and answers none, and in `rows` those of all. */
export interface DeadHostReport extends BenchReport, Omit<DeadHostRow, 'name'> {
  readonly rows: readonly DeadHostRow[];
}

const MOST_RATIO = 1.5;

interface RowKind {
  readonly name: string;
  readonly death: Death;
  /** undefined: one. */
  readonly origins: number | undefined;
}

/** Half of the devices are on a host that never answers: what the other half notices of it. */
export async function deadHostBench(options: DeadHostBenchOptions): Promise<DeadHostReport> {
  const rows: DeadHostRow[] = [];
  for (const kind of rowKinds(options)) rows.push(await measureRow(kind, options));
  const [first] = rows;
  if (first === undefined) throw new TypeError('There is no row of such a name');
  const aims = rows.flatMap(({ name, ratio, lost }) => [
    aim(`${name}.ratio`, { value: ratio, below: MOST_RATIO }),
    aim(`${name}.lost`, { value: lost, below: 1 }),
  ]);
  const { name: _, ...figures } = first;
  return {
    bench: 'dead-host',
    ...figures,
    met: aims.every(({ met }) => met),
    aims,
    machine: machineFacts(),
    rows,
  };
}

function rowKinds({ origins, only }: DeadHostBenchOptions): RowKind[] {
  const one = DEATHS.map((death): RowKind => ({ name: death, death, origins: undefined }));
  const many = origins.map((count): RowKind => ({ name: `${count}-origins`, death: 'silent', origins: count }));
  return [...one, ...many].filter(({ name }) => only?.includes(name) ?? true);
}

async function measureRow({ name, death, origins }: RowKind, options: DeadHostBenchOptions): Promise<DeadHostRow> {
  const { rounds, progress, signal } = options;
  const module = new URL('./services-process.ts', import.meta.url);
  const services = startProcess<ServicesFunctions>({ module, signal });
  const phases: { readonly alone: Phase[]; readonly beside: Phase[] } = { alone: [], beside: [] };
  try {
    const { healthy, dead } = await services.call('start', death);
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of ['alone', 'beside'] as const) {
        const phase = await measurePhase({
          ...options,
          services,
          healthy,
          dead: kind === 'alone' ? undefined : dead,
          origins,
        });
        phases[kind].push(phase);
        const { p50Ms, p99Ms } = summarizeLatencies(phase.latenciesMs);
        progress(`${name}: round ${round} of ${rounds}, ${kind}: p50 ${p50Ms} ms, p99 ${p99Ms} ms, lost ${phase.lost}`);
      }
    }
  } finally {
    await services.stop();
  }
  const [alone, beside] = [summarizePhases(phases.alone), summarizePhases(phases.beside)];
  const lost = [...phases.alone, ...phases.beside].reduce((sum, phase) => sum + phase.lost, 0);
  const ratio = Math.round((beside.p99Ms / alone.p99Ms) * 100) / 100;
  const [cpuAloneUs, cpuUs] = [medianCpuUs(phases.alone), medianCpuUs(phases.beside)];
  return { name, p99AloneMs: alone.p99Ms, p99Ms: beside.p99Ms, ratio, cpuAloneUs, cpuUs, alone, beside, lost };
}

function medianCpuUs(phases: readonly Phase[]): number {
  return Math.round(percentile(Float64Array.from(phases, ({ cpuUs }) => cpuUs).toSorted(), 0.5));
}

/** Of each figure the median over the phases: one in which something else kept the machine busy does not decide. */
function summarizePhases(phases: readonly Phase[]): LatencySummary {
  const summaries = phases.map(({ latenciesMs }) => summarizeLatencies(latenciesMs));
  const median = (figure: keyof LatencySummary): number =>
    percentile(Float64Array.from(summaries, (summary) => summary[figure]).toSorted(), 0.5);
  return { n: median('n'), p50Ms: median('p50Ms'), p99Ms: median('p99Ms'), maxMs: median('maxMs') };
}
