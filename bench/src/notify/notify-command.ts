import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { notifyBench, type NotifyReport } from './notify-bench.ts';

interface Flags {
  readonly json?: true;
  readonly devices: number;
  readonly messages: number;
}

/** Adds `notify` to the benches. */
export function notifyCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('notify')
    .description('how soon a message to a user is on the wire, while a broadcast is encrypted and sent')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--devices <n>', 'how many the broadcast is for', parseCount, 1_000_000)
    .option('--messages <n>', 'how many go to the user', parseCount, 1_000)
    .action(async ({ json, ...size }: Flags) => {
      const report = await notifyBench({ ...size, progress: (text) => writeErr(`${text}\n`), signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : table(report));
    });
}

function table({ rows, aims }: NotifyReport): string {
  const lines = rows.map(
    ({ name, wire, durable, broadcastPerSecond, loopP99Ms }) =>
      `${name}: on the wire p50 ${wire.p50Ms} ms, p99 ${wire.p99Ms} ms; on disk p50 ${durable.p50Ms} ms, p99 ${durable.p99Ms} ms; broadcast ${broadcastPerSecond}/s; loop p99 ${loopP99Ms} ms`,
  );
  return [...lines, ...aims.map(aimLine), ''].join('\n');
}
