import { randomInt } from 'node:crypto';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseCount } from '../parse-count.ts';
import type { RunBenchOptions } from '../run-bench-options.ts';
import { chaosReport, chaosSummary } from './chaos-report.ts';
import { faultsOf, kindOf } from './fault-kinds.ts';
import { runEngine } from './run-engine.ts';
import type { Engine } from '../store/store-location.ts';

interface Flags {
  readonly json?: true;
  readonly rounds: number;
  readonly subscriptions: number;
  readonly seed: number;
  readonly speed: number;
  readonly engines: readonly Engine[];
}

/**
 * Broadcasts while senders are killed and a push service fails at random, and counts who got what. The engines run beside one
 * another: the rounds of each consist of waiting for the most part.
 *
 * @returns the exit code: 0 where nothing was missed, and nothing was sent twice without a reason
 */
export async function runChaos(options: RunBenchOptions): Promise<number> {
  const { args, writeOut, writeErr, signal } = options;
  let code = 0;
  const program = new Command('npm run chaos --')
    .description('Kills senders at random moments, and counts who missed a message and who got it twice')
    .addHelpText('after', `\nEach round has one of these, in turn:\n${faultsInWords()}`)
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .option('--json', 'end with one JSON object')
    .option('--rounds <n>', 'of each engine', parseCount, 30)
    .option('--subscriptions <n>', 'devices that each broadcast goes to', parseCount, 20_000)
    .option('--seed <n>', 'repeats the faults and moments of an earlier run', parseCount, randomInt(1, 1_000_000_000))
    .option('--speed <n>', "how much faster the senders' clocks are", parseCount, 6)
    .option('--engines <list>', 'sqlite, postgres or both', parseEngines, ['sqlite', 'postgres'] as const)
    .action(async ({ json, engines, ...flags }: Flags) => {
      const progress = (text: string): void => writeErr(`${text}\n`);
      progress(`seed ${flags.seed}, ${flags.subscriptions} subscriptions, ${flags.rounds} rounds of each engine`);
      // One that fails ends the others.
      const failed = new AbortController();
      const shared = { ...flags, progress, signal: AbortSignal.any([signal, failed.signal]) };
      const running = engines.map((engine) =>
        runEngine({ ...shared, engine }).catch((error: unknown) => {
          failed.abort(error);
          throw error;
        }),
      );
      // All have ended, and their processes with them, before the program does.
      const ended = await Promise.allSettled(running);
      failed.signal.throwIfAborted();
      const rows = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const report = chaosReport(rows, flags);
      writeOut(json ? `${JSON.stringify(report)}\n` : chaosSummary(report));
      code = report.met ? 0 : 1;
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (signal.aborted) return 1;
    throw error;
  }
}

function faultsInWords(): string {
  const engines = ['sqlite', 'postgres'] as const;
  return engines
    .flatMap((engine) => faultsOf(engine).map((name) => `  ${engine}  ${name}: ${kindOf(name).words}`))
    .join('\n');
}

function parseEngines(text: string): Engine[] {
  return text.split(',').map((name) => {
    if (name !== 'sqlite' && name !== 'postgres') throw new InvalidArgumentError('There are sqlite and postgres.');
    return name;
  });
}
