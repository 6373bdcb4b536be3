import { readFileSync } from 'node:fs';
import { PushServiceError } from '@belfry/push-service';
import { StoreError } from '@belfry/store';
import { Command, CommanderError } from 'commander';
import { confirmDateCommand } from './confirm-date-command.ts';
import { migrateCommand } from './migrate-command.ts';
import { pushServiceCommand } from './push-service-command.ts';

export interface CliOptions {
  /** Without node's own and the script's path. */
  readonly args: readonly string[];
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Ends a command that would run on. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Runs the `belfry` command.
 *
 * @returns the exit code: 0, or 1 after one line on `writeErr` that says what was wrong
 */
export async function runCli(options: CliOptions): Promise<number> {
  const { args, writeOut, writeErr } = options;
  const program = new Command('belfry')
    .description('Self-hosted Web Push')
    .version(ownVersion())
    // Given before the commands are added, which take them over.
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .showHelpAfterError('(add --help for what there is)');
  pushServiceCommand(program, options);
  migrateCommand(program, options);
  confirmDateCommand(program, options);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // It has said itself what was wrong; --help and --version come this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode;
    if (!isExpected(error)) throw error;
    writeErr(`error: ${error.message}\n`);
    return 1;
  }
}

/** What the user can mend, such as a port in use or a folder that cannot be written; all else is a fault of Belfry. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof PushServiceError || error instanceof StoreError || (error instanceof Error && 'syscall' in error)
  );
}

function ownVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}
