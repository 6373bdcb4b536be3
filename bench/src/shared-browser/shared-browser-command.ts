import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { aim, aimLine, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { type CheckedSequences, checkSequences } from './check-sequences.ts';

interface Flags {
  readonly json?: true;
  readonly sequences: number;
  readonly seed: number;
}

interface SharedBrowserReport extends BenchReport, CheckedSequences {
  readonly seed: number;
}

const PROGRESS_EVERY = 1000;

/** Adds `shared-browser` to the benches. */
export function sharedBrowserCommand(program: Command, { writeOut, writeErr, signal }: RunBenchOptions): void {
  program
    .command('shared-browser')
    .description(
      'random sequences of several users on shared browsers, and of former users who attack: who gets whose messages',
    )
    .option('--json', 'end with one JSON object instead of a text')
    .option('--sequences <n>', 'how many sequences', parseCount, 100_000)
    .option('--seed <n>', 'repeats a run', parseCount, randomInt(1, 1e9))
    .action(async ({ json, sequences, seed }: Flags) => {
      let done = 0;
      const checked = await checkSequences({
        sequences,
        seed,
        signal,
        onSequence() {
          done += 1;
          if (done % PROGRESS_EVERY === 0) writeErr(`shared-browser: ${done} of ${sequences}\n`);
        },
      });
      const aims = [aim('broken', { value: checked.broken === null ? 0 : 1, below: 1 })];
      const report: SharedBrowserReport = {
        bench: 'shared-browser',
        met: aims.every(({ met }) => met),
        aims,
        machine: machineFacts(),
        seed,
        ...checked,
        rows: [],
      };
      writeOut(json ? `${JSON.stringify(report)}\n` : text(report));
    });
}

function text({ sequences, steps, seed, broken, aims }: SharedBrowserReport): string {
  return [
    `${sequences} sequences, ${steps} steps, seed ${seed}`,
    ...(broken === null ? [] : [`${broken.rule}: ${JSON.stringify(broken.steps)}`]),
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
