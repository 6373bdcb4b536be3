import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import { aim, type BenchReport } from '../bench-report.ts';
import type { FanOutFunctions } from '../fanout/fan-out-process.ts';
import { machineFacts } from '../machine-facts.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { StoreLocation } from '../store/store-location.ts';

export interface ProcessesBenchOptions {
  readonly devices: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One broadcast, sent by so many processes on one PostgreSQL. */
export interface ProcessesRow {
  readonly name: string;
  readonly processes: number;
  readonly latencyMs: number;
  readonly deliveriesPerSecond: number;
  /** Against one process, with the same push service. */
  readonly ratio: number;
}

export interface ProcessesReport extends BenchReport {
  readonly devices: number;
  readonly rows: readonly ProcessesRow[];
}

/**
 * At once: PostgreSQL and the processes share this machine's cores, which are the limit. After 50 ms, with 400 in flight from
 * each process, the push service is the limit of each, 8,000 a second, and what several make of it is how they share.
 */
const LATENCIES_MS = [50, 0] as const;
const PROCESSES = [1, 2, 3, 4] as const;

export async function processesBench({ devices, progress, signal }: ProcessesBenchOptions): Promise<ProcessesReport> {
  const server = await startPostgres();
  const store: StoreLocation = { engine: 'postgres', url: server.url, schema: 'belfry' };
  const start = (): BenchProcess<FanOutFunctions> =>
    startProcess<FanOutFunctions>({ module: new URL('../fanout/fan-out-process.ts', import.meta.url), signal });
  try {
    progress(`saving ${devices} devices`);
    const filling = start();
    await filling.call('fill', { store, devices });
    await filling.stop();
    const rows: ProcessesRow[] = [];
    for (const latencyMs of LATENCIES_MS) {
      let alone = 0;
      for (const processes of PROCESSES) {
        const options = { store, halfDown: false, latencyMs };
        const [first, ...others] = Array.from({ length: processes }, start);
        if (first === undefined) throw new RangeError('there is at least one');
        await Promise.all(others.map((other) => other.call('assist', options)));
        const { accepted, wallMs } = await first.call('run', options);
        await Promise.all([first, ...others].map((one) => one.stop()));
        if (accepted !== devices) throw new Error(`${accepted} of ${devices} devices had the broadcast`);
        const perSecond = accepted / (wallMs / 1000);
        if (processes === 1) alone = perSecond;
        const row = {
          name: `${processes}-processes${latencyMs === 0 ? '-at-once' : ''}`,
          processes,
          latencyMs,
          deliveriesPerSecond: Math.round(perSecond),
          ratio: Math.round((perSecond / alone) * 100) / 100,
        };
        progress(`${row.name}: ${row.deliveriesPerSecond}/s, ${row.ratio} times one`);
        rows.push(row);
      }
    }
    const two = rows.find(({ name }) => name === '2-processes');
    const aims = [aim('2-processes.ratio', { value: two?.ratio ?? 0, atLeast: 1.8 })];
    return { bench: 'processes', devices, met: aims.every(({ met }) => met), aims, machine: machineFacts(), rows };
  } finally {
    await server.stop();
  }
}
