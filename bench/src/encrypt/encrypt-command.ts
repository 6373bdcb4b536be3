import type { Command } from 'commander';
import { aimLine } from '../bench-report.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { type EncryptReport, encryptBench } from './encrypt-bench.ts';

interface Flags {
  readonly json?: true;
  readonly rounds: number;
  readonly messages: number;
  readonly opensslSeconds: number;
}

/** Adds `encrypt` to the benches. */
export function encryptCommand(program: Command, { writeOut, signal }: RunBenchOptions): void {
  program
    .command('encrypt')
    .description(
      'encryption and VAPID header of a message: CPU time beside web-push, and beside what OpenSSL must take',
    )
    .option('--json', 'end with one JSON object instead of a table')
    .option('--rounds <n>', 'how often each variant has its turn', parseCount, 25)
    .option('--messages <n>', 'messages of one turn', parseCount, 1000)
    .option('--openssl-seconds <n>', 'how long `openssl speed` runs, where it is installed', parseCount, 2)
    .action(async ({ json, ...size }: Flags) => {
      const report = await encryptBench({ ...size, signal });
      writeOut(json ? `${JSON.stringify(report)}\n` : table(report));
    });
}

function table({ machine, rows, aims, noise, others, opensslSpeed }: EncryptReport): string {
  const columns = ['belfryUs', 'webPushUs', 'ratio', 'opensslFloorUs', 'overFloor'] as const;
  return [
    `${machine.cpu}, Node ${machine.node}; noise ${noise}, others ${others} of a core`,
    ['row'.padEnd(12), ...columns.map((name) => name.padStart(16))].join(''),
    ...rows.map((row) => [row.name.padEnd(12), ...columns.map((name) => String(row[name]).padStart(16))].join('')),
    ...(opensslSpeed === undefined ? [] : [`${opensslSpeed.version}: ECDH alone ${opensslSpeed.ecdhUs} µs`]),
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
