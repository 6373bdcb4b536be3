import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import { aim, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import { startProcess } from '../process/start-process.ts';
import type { FanOutFigures, FanOutFunctions, StoreAddress } from './fan-out-process.ts';

export interface FanOutBenchOptions {
  /** Of the largest row; a tenth and a hundredth of it are measured too. */
  readonly devices: number;
  readonly engines: readonly Engine[];
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export type Engine = StoreAddress['engine'];

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
  const { devices, engines } = options;
  const rows: FanOutRow[] = [];
  for (const engine of engines) {
    for (const size of [devices / 100, devices / 10, devices])
      rows.push(...(await measureStore(engine, size, options)));
  }
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

async function measureStore(engine: Engine, devices: number, options: FanOutBenchOptions): Promise<FanOutRow[]> {
  const { progress, signal } = options;
  const place = await makeStore(engine);
  const start = () =>
    startProcess<FanOutFunctions>({ module: new URL('./fan-out-process.ts', import.meta.url), signal });
  try {
    progress(`${engine}: saving ${devices} devices`);
    const filling = start();
    await filling.call('fill', { store: place.store, devices });
    await filling.stop();
    const rows: FanOutRow[] = [];
    for (const halfDown of devices === options.devices ? [false, true] : [false]) {
      const sending = start();
      const figures = await sending.call('run', { store: place.store, halfDown, latencyMs: 0 });
      await sending.stop();
      const row = toRow(figures, { engine, devices, halfDown });
      progress(`${row.name}: ${row.deliveriesPerSecond}/s, ${row.rssMb} MB, loop p99 ${row.loopP99Ms} ms`);
      rows.push(row);
    }
    return rows;
  } finally {
    await place.remove();
  }
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

async function makeStore(engine: Engine): Promise<{ readonly store: StoreAddress; remove(): Promise<void> }> {
  if (engine === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'belfry-fanout-'));
    return { store: { engine, path: join(folder, 'belfry.db') }, remove: () => rm(folder, { recursive: true }) };
  }
  const server = await startPostgres();
  return { store: { engine, url: server.url, schema: 'belfry' }, remove: () => server.stop() };
}
