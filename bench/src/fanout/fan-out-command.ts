import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import type { Engine } from '../store/store-location.ts';
import { fanOutBench, type FanOutReport } from './fan-out-bench.ts';

interface Flags {
  readonly json?: true;
  readonly devices: number;
  readonly engine?: Engine;
}

/** Adds `fanout` to the benches. */
export function fanOutCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('fanout')
    .description('a broadcast to a million devices on each engine, with a push service that answers at once')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--devices <n>', 'how many, in the largest row', parseCount, 1_000_000)
    .option('--engine <name>', 'sqlite or postgres alone')
    .action(async ({ json, devices, engine }: Flags) => {
      const engines: readonly Engine[] = engine === undefined ? ['sqlite', 'postgres'] : [engine];
      const report = await fanOutBench({ devices, engines, progress: (text) => writeErr(`${text}\n`), signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : table(report));
    });
}

function table({ rows, aims }: FanOutReport): string {
  const lines = rows.map((row) =>
    [
      row.name.padEnd(28),
      String(row.deliveriesPerSecond).padStart(12),
      String(row.rssMb).padStart(8),
      String(row.rssGrowthMb).padStart(8),
      String(row.loopP99Ms).padStart(12),
      `${(row.retryRowsShare * 100).toFixed(3)} %`.padStart(12),
    ].join(''),
  );
  const head = 'row                         deliveries/s  RSS MB  growth  loop p99 ms  retry rows';
  return [head, ...lines, ...aims.map(aimLine), ''].join('\n');
}
