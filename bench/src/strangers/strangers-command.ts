import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { strangersBench } from './strangers-bench.ts';

interface Flags {
  readonly json?: true;
  readonly connections: number;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly rounds: number;
}

/** Adds `strangers` to the benches. */
export function strangersCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('strangers')
    .description('notify on PostgreSQL beside strangers who ask /resubscribe with made-up secrets')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--connections <n>', 'of the strangers', parseCount, 4000)
    .option('--per-second <n>', 'messages', parseCount, 50)
    .option('--duration-ms <ms>', 'of each phase', parseCount, 6000)
    .option('--rounds <n>', 'how often each phase is measured', parseCount, 3)
    .action(async ({ json, ...flags }: Flags) => {
      const report = await strangersBench({ ...flags, progress: (text) => writeErr(`${text}\n`), signal });
      const lines = report.rows.map(
        ({ name, p99QuietMs, p99Ms, ratio }) =>
          `${name.padEnd(16)}p99 ${p99QuietMs} ms quiet, ${p99Ms} ms flooded, ratio ${ratio}`,
      );
      writeOut(json ? `${JSON.stringify(report)}\n` : [...lines, ...report.aims.map(aimLine), ''].join('\n'));
    });
}
