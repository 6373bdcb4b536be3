import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyStore } from '@belfry/store/copy';
import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import { aim, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { Engine, StoreLocation } from '../store/store-location.ts';
import type { FanOutFigures, FanOutFunctions } from './fan-out-process.ts';

export interface FanOutBenchOptions {
  /** Of the largest row; a tenth and a hundredth of it are measured too. */
  readonly devices: number;
  readonly engines: readonly Engine[];
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One broadcast to all devices of a store. */
export interface FanOutRow {
  readonly name: string;
  readonly engine: Engine;
  readonly devices: number;
  readonly deliveriesPerSecond: number;
  readonly rssMb: number;
  /** How much larger the process was at its end than in its first quarter. */
  readonly rssGrowthMb: number;
  readonly loopP99Ms: number;
  /** Of all devices, those that got a row of their own. */
  readonly retryRowsShare: number;
}

export interface FanOutReport extends BenchReport, Omit<FanOutRow, 'name'> {
  readonly rows: readonly FanOutRow[];
}

/** Broadcasts to ever more devices, with a push service that answers at once: what Belfry itself takes. */
export async function fanOutBench(options: FanOutBenchOptions): Promise<FanOutReport> {
  const { devices } = options;
  const rows: FanOutRow[] = [];
  for (const size of [devices / 100, devices / 10, devices]) rows.push(...(await measureSize(size, options)));
  const top = rows.find(({ devices: size, name }) => size === devices && !name.includes('down'));
  if (top === undefined) throw new RangeError('there is at least one engine');
  const aims = rows
    .filter((row) => row.devices === devices)
    .flatMap((row) => [
      aim(`${row.name}.deliveriesPerSecond`, { value: row.deliveriesPerSecond, atLeast: 50_000 }),
      aim(`${row.name}.rssMb`, { value: row.rssMb, below: 300 }),
      aim(`${row.name}.loopP99Ms`, { value: row.loopP99Ms, below: 20 }),
      aim(`${row.name}.retryRowsShare`, { value: row.retryRowsShare, below: 0.01 }),
    ]);
  const { name: _name, ...figures } = top;
  return { bench: 'fanout', ...figures, met: aims.every(({ met }) => met), aims, machine: machineFacts(), rows };
}

/** The PostgreSQL store is a copy of the SQLite one: a million devices saved one by one would take it ten minutes. */
async function measureSize(devices: number, options: FanOutBenchOptions): Promise<FanOutRow[]> {
  const { engines, progress, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'belfry-fanout-'));
  const path = join(folder, 'belfry.db');
  try {
    progress(`saving ${devices} devices`);
    const filling = startSender(signal);
    await filling.call('fill', { store: { engine: 'sqlite', path }, devices });
    await filling.stop();
    const rows = engines.includes('sqlite') ? await measureStore({ engine: 'sqlite', path }, { devices, options }) : [];
    if (!engines.includes('postgres')) return rows;
    const server = await startPostgres();
    try {
      progress(`copying ${devices} devices`);
      const to = { url: server.url, schema: 'belfry' };
      await copyStore({ from: path, to, isDryRun: false, signal, onProgress() {} });
      return [...rows, ...(await measureStore({ engine: 'postgres', ...to }, { devices, options }))];
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function startSender(signal: AbortSignal): BenchProcess<FanOutFunctions> {
  return startProcess<FanOutFunctions>({ module: new URL('./fan-out-process.ts', import.meta.url), signal });
}

async function measureStore(
  store: StoreLocation,
  { devices, options }: { readonly devices: number; readonly options: FanOutBenchOptions },
): Promise<FanOutRow[]> {
  const rows: FanOutRow[] = [];
  for (const halfDown of devices === options.devices ? [false, true] : [false]) {
    const sending = startSender(options.signal);
    const figures = await sending.call('run', { store, halfDown, latencyMs: 0 });
    await sending.stop();
    const row = toRow(figures, { engine: store.engine, devices, halfDown });
    options.progress(`${row.name}: ${row.deliveriesPerSecond}/s, ${row.rssMb} MB, loop p99 ${row.loopP99Ms} ms`);
    rows.push(row);
  }
  return rows;
}

function toRow(
  figures: FanOutFigures,
  { engine, devices, halfDown }: { engine: Engine; devices: number; halfDown: boolean },
): FanOutRow {
  const expected = halfDown ? devices / 2 : devices;
  if (figures.accepted !== expected) throw new Error(`${figures.accepted} of ${expected} devices had the broadcast`);
  return {
    name: `${engine}-${devices}${halfDown ? '-half-down' : ''}`,
    engine,
    devices,
    deliveriesPerSecond: Math.round(figures.accepted / (figures.wallMs / 1000)),
    rssMb: Math.round(figures.rssMb),
    rssGrowthMb: Math.round(figures.lastQuarterRssMb - figures.firstQuarterRssMb),
    loopP99Ms: Math.round(figures.loopP99Ms * 10) / 10,
    retryRowsShare: figures.rows / devices,
  };
}
