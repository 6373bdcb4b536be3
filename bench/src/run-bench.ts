import { Command, CommanderError } from 'commander';
import { deadHostCommand } from './dead-host/dead-host-command.ts';
import { encryptCommand } from './encrypt/encrypt-command.ts';
import { fanOutCommand } from './fanout/fan-out-command.ts';
import { notifyCommand } from './notify/notify-command.ts';
import { processesCommand } from './processes/processes-command.ts';
import { pushServiceCommand } from './push-service/push-service-command.ts';
import { sharedBrowserCommand } from './shared-browser/shared-browser-command.ts';
import type { RunBenchOptions } from './run-bench-options.ts';
import { sendCommand } from './send/send-command.ts';
import { strangersCommand } from './strangers/strangers-command.ts';

/**
 * Runs the bench that `args` name.
 *
 * @returns the exit code: 0 when it ran, whether its aims were met or not
 */
export async function runBench(options: RunBenchOptions): Promise<number> {
  const { args, writeOut, writeErr, signal } = options;
  const program = new Command('npm run bench --')
    .description("Measures what Belfry's README states")
    // Given before the commands are added, which take them over.
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .showHelpAfterError('(add --help for what there is)');
  pushServiceCommand(program, options);
  sendCommand(program, options);
  encryptCommand(program, options);
  deadHostCommand(program, options);
  fanOutCommand(program, options);
  notifyCommand(program, options);
  processesCommand(program, options);
  sharedBrowserCommand(program, options);
  strangersCommand(program, options);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // It has said itself what was wrong; --help comes this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode;
    if (signal.aborted) return 1;
    throw error;
  }
}
