import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { type DeadHostReport, deadHostBench } from './dead-host-bench.ts';

interface Flags {
  readonly json?: true;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly rounds: number;
  readonly origins?: readonly number[];
  readonly only?: readonly string[];
  readonly data: string;
}

/** Adds `dead-host` to the benches. */
export function deadHostCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('dead-host')
    .description('half of the devices on a host that never answers: how long the others wait')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--per-second <n>', 'messages a second, each to a user with a healthy device', parseCount, 200)
    .option('--duration-ms <n>', 'how long to send, alone and beside the dead', parseCount, 6000)
    .option('--rounds <n>', 'how often both are measured, in turn', parseCount, 5)
    .option(
      '--origins <n...>',
      'a row for each: so many dead origins',
      (text, others: readonly number[] | undefined) => [...(others ?? []), parseCount(text)],
    )
    .option('--only <rows...>', 'the rows that are measured; default: all')
    .option('--data <dir>', 'where the databases are made; not in memory, where a commit costs nothing', 'data')
    .action(async ({ json, data, origins = [400, 5000], ...size }: Flags) => {
      const dataRoot = resolve(data);
      await mkdir(dataRoot, { recursive: true });
      const progress = (text: string): void => writeErr(`${text}\n`);
      const report = await deadHostBench({ ...size, origins, dataRoot, progress, signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : deadHostTable(report));
    });
}

function deadHostTable({ machine, aims, rows }: DeadHostReport): string {
  return [
    `${machine.cores} cores (${machine.cpu}), Node ${machine.node}`,
    'host           p99 alone ms  p99 ms  ratio  lost  CPU alone µs  CPU µs',
    ...rows.map(({ name, p99AloneMs, p99Ms, ratio, lost, cpuAloneUs, cpuUs }) =>
      [
        name.padEnd(15),
        String(p99AloneMs).padStart(12),
        String(p99Ms).padStart(8),
        String(ratio).padStart(7),
        String(lost).padStart(6),
        String(cpuAloneUs).padStart(14),
        String(cpuUs).padStart(8),
      ].join(''),
    ),
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
