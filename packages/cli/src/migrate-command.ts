import { readFileSync } from 'node:fs';
import { type CopiedTable, type CopyProgress, type CopyReport, copyStore } from '@belfry/store/copy';
import type { Command } from 'commander';

export interface MigrateCommandOptions {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Ends the copy; nothing is kept of it then. */
  readonly signal: AbortSignal;
  /** Where `--to-env` looks. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Flags {
  readonly from: string;
  readonly to?: string;
  readonly toEnv?: string;
  readonly toFile?: string;
  readonly schema: string;
  readonly dryRun?: boolean;
}

/** Adds `belfry migrate`, which copies a SQLite store into PostgreSQL. */
export function migrateCommand(program: Command, options: MigrateCommandOptions): void {
  program
    .command('migrate')
    .description('copy a SQLite store into an empty schema of PostgreSQL, also while a server has it open')
    .requiredOption('--from <file>', 'the SQLite store')
    .option('--to <url>', 'postgres://user@host/database, without the password: PGPASSWORD or PGPASSFILE has it')
    .option('--to-env <name>', 'the environment variable that has the url, instead of --to')
    .option('--to-file <file>', 'the file that has the url, instead of --to')
    .option('--schema <name>', 'where to copy to, made if it is not there', 'belfry')
    .option('--dry-run', 'only look whether it could be done, and count')
    .action((flags: Flags, command: Command) =>
      runMigrate({ ...flags, to: targetUrl(flags, options, command) }, options),
    );
}

/** An argument stays in the shell's history, and each user of the machine sees it while the command runs. */
function targetUrl({ to, toEnv, toFile }: Flags, { env, writeErr }: MigrateCommandOptions, command: Command): string {
  const given = [to, toEnv, toFile].filter((value) => value !== undefined);
  if (given.length !== 1) command.error('error: give one of --to <url>, --to-env <name> and --to-file <file>');
  if (toEnv !== undefined) return env[toEnv] ?? command.error(`error: the environment has no variable ${toEnv}`);
  if (toFile !== undefined) {
    try {
      return readFileSync(toFile, 'utf8').trim();
    } catch {
      command.error(`error: the file ${toFile} of --to-file cannot be read`);
    }
  }
  if (URL.canParse(to ?? '') && new URL(to ?? '').password !== '') {
    writeErr(
      'WARNING: the password stands in an argument, where other users of this machine can see it. Give it in PGPASSWORD, or the url with --to-env or --to-file.\n',
    );
  }
  return to ?? '';
}

async function runMigrate(
  { from, to, schema, dryRun = false }: Flags & { readonly to: string },
  options: MigrateCommandOptions,
): Promise<void> {
  const { writeOut, writeErr, signal } = options;
  const report = await copyStore({
    from,
    to: { url: to, schema },
    isDryRun: dryRun,
    signal,
    onProgress: progressLines(writeErr),
  });
  writeOut(`${tableLines(report.tables).join('\n')}\n${dryRun ? 'Nothing was copied: --dry-run' : endLine(schema)}\n`);
  if (!dryRun) writeErr(`${warning({ from, report })}\n`);
}

function endLine(schema: string): string {
  return `Copied into the schema ${schema}; counts and checksums are the same on both sides`;
}

/** Loudly, since nothing else tells that users who subscribe now, and messages that are sent now, are lost. */
function warning({ from, report }: { readonly from: string; readonly report: CopyReport }): string {
  return report.isInUse
    ? `WARNING: a server has ${from} open. WHAT IT HAS WRITTEN SINCE THE COPY BEGAN IS NOT IN POSTGRESQL, and both would send what is due. This was a rehearsal: stop the server and copy again, into another schema, before one starts on PostgreSQL.`
    : `WARNING: what is written to ${from} from now on is not in PostgreSQL. Start the server on PostgreSQL, and none on ${from} any more: both would send what is due.`;
}

/** A line for each table, and for every tenth of a large one. */
function progressLines(writeErr: (text: string) => void): (progress: CopyProgress) => void {
  let told = '';
  return ({ table, rows, of }) => {
    const line = `${table}: ${Math.floor((rows / Math.max(of, 1)) * 10) * 10} % of ${of} rows\n`;
    if (rows === 0 || line === told) return;
    told = line;
    writeErr(line);
  };
}

function tableLines(tables: readonly CopiedTable[]): string[] {
  const lines = [
    ['table', 'rows', 'checksum'] as const,
    ...tables.map(({ table, rows, checksum }) => [table, String(rows), checksum ?? ''] as const),
  ];
  return lines.map(([table, rows, checksum]) => `${table.padEnd(18)}${rows.padStart(12)}  ${checksum}`.trimEnd());
}
