import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { processesBench } from './processes-bench.ts';

interface Flags {
  readonly json?: true;
  readonly devices: number;
}

/** Adds `processes` to the benches. */
export function processesCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('processes')
    .description('one broadcast, sent by one to four processes on one PostgreSQL')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--devices <n>', 'how many it is for', parseCount, 200_000)
    .action(async ({ json, devices }: Flags) => {
      const report = await processesBench({ devices, progress: (text) => writeErr(`${text}\n`), signal });
      const lines = report.rows.map(
        (row) => `${row.name.padEnd(24)}${row.deliveriesPerSecond}/s  ${row.ratio} times one`,
      );
      writeOut(json ? `${JSON.stringify(report)}\n` : [...lines, ...report.aims.map(aimLine), ''].join('\n'));
    });
}
