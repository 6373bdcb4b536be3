import { type Aim, aim, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import type { AgentProtocol } from './agents-process.ts';
import { measureRow } from './measure-row.ts';
import type { Row } from './row.ts';
import type { RowContext, RowOptions, RowSize } from './row-options.ts';

export interface PushServiceBenchOptions extends RowContext, RowSize {}

/** The figures of autopush, and in `rows` those of the variants. */
export interface PushServiceReport extends BenchReport, Omit<Row, 'name'> {
  readonly rows: readonly Row[];
}

const AIMS: Readonly<Record<AgentProtocol, { readonly rssBytesPerConnection: number; readonly p99Ms: number }>> = {
  autopush: { rssBytesPerConnection: 20_000, p99Ms: 50 },
  mcs: { rssBytesPerConnection: 80_000, p99Ms: 50 },
};

/** Connected user agents on one push service: what each costs, how much they are sent and how soon they have it. */
export async function pushServiceBench(options: PushServiceBenchOptions): Promise<PushServiceReport> {
  const measured = (row: Omit<RowOptions, keyof RowSize>) => measureRow({ ...options, ...row }, options);
  const { name, ...autopush } = await measured({ name: 'autopush', protocol: 'autopush', durable: true });
  const mcs = await measured({ name: 'mcs', protocol: 'mcs', durable: true });
  const inMemory = await measured({ name: 'autopush-in-memory', protocol: 'autopush', durable: false });
  const aims = [...aimsOf({ name, ...autopush }, AIMS.autopush), ...aimsOf(mcs, AIMS.mcs)];
  return {
    bench: 'push-service',
    ...autopush,
    met: aims.every(({ met }) => met),
    aims,
    machine: machineFacts(),
    rows: [mcs, inMemory],
  };
}

function aimsOf(row: Row, { rssBytesPerConnection, p99Ms }: (typeof AIMS)[AgentProtocol]): Aim[] {
  return [
    aim(`${row.name}.rssBytesPerConnection`, { value: row.rssBytesPerConnection, below: rssBytesPerConnection }),
    aim(`${row.name}.p99Ms`, { value: row.p99Ms, below: p99Ms }),
    aim(`${row.name}.lost`, { value: row.lost, below: 1 }),
  ];
}
