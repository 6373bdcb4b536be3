import type { Command } from 'commander';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { sendBench } from './send-bench.ts';
import { sendTable } from './send-table.ts';

interface Flags {
  readonly json?: true;
  readonly messages: number;
  readonly turns: number;
  readonly inFlight: number;
}

/** Adds `send` to the benches. */
export function sendCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('send')
    .description('messages over TLS to a local sink, against web-push: CPU of each, messages per second')
    .option('--json', 'end with one JSON object instead of a table')
    .option('--messages <n>', 'how many each sender sends', parseCount, 10_000)
    .option('--turns <n>', 'in how many turns, one sender after the other', parseCount, 5)
    .option('--in-flight <n>', 'how many wait for their answer at any time', parseCount, 100)
    .action(async ({ json, ...size }: Flags) => {
      const report = await sendBench({ ...size, progress: (text) => writeErr(`${text}\n`), signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : sendTable(report));
    });
}
