import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { pushServiceBench } from './push-service-bench.ts';
import { reportTable } from './report-table.ts';

interface Flags {
  readonly json?: true;
  readonly connections: number;
  readonly settleMs: number;
  readonly peakMs: number;
  readonly latencyMs: number;
  readonly data: string;
  readonly cpuProfile?: string;
}

/** Adds `push-service` to the benches. */
export function pushServiceCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('push-service')
    .description('10,000 connected user agents: memory of each, messages per second, latency')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--connections <n>', 'how many user agents', parseCount, 10_000)
    .option('--settle-ms <n>', 'how long to wait before its memory is read', parseCount, 1000)
    .option('--peak-ms <n>', 'how long to send at each number in flight', parseCount, 3000)
    .option('--latency-ms <n>', 'how long to send at half of the peak', parseCount, 10_000)
    .option(
      '--data <dir>',
      "where the push service's folder is made; not in memory, where a commit costs nothing",
      'data',
    )
    .option('--cpu-profile <dir>', 'write CPU profiles of the push service at its peak there')
    .action(async ({ json, data, cpuProfile, ...size }: Flags) => {
      const profileDir = cpuProfile === undefined ? undefined : resolve(cpuProfile);
      if (profileDir !== undefined) await mkdir(profileDir, { recursive: true });
      const progress = (text: string): void => writeErr(`${text}\n`);
      const report = await pushServiceBench({ ...size, dataRoot: resolve(data), profileDir, progress, signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : reportTable(report));
    });
}
