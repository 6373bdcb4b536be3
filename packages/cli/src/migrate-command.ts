import { type CopiedTable, type CopyProgress, type CopyReport, copyStore } from '@belfry/store/copy';
import type { Command } from 'commander';

export interface MigrateCommandOptions {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Ends the copy; nothing is kept of it then. */
  readonly signal: AbortSignal;
}

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly schema: string;
  readonly dryRun?: boolean;
}

/** Adds `belfry migrate`, which copies a SQLite store into PostgreSQL. */
export function migrateCommand(program: Command, options: MigrateCommandOptions): void {
  program
    .command('migrate')
    .description('copy a SQLite store into an empty schema of PostgreSQL, also while a server has it open')
    .requiredOption('--from <file>', 'the SQLite store')
    .requiredOption('--to <url>', 'postgres://user@host/database; the password may be in PGPASSWORD')
    .option('--schema <name>', 'where to copy to, made if it is not there', 'belfry')
    .option('--dry-run', 'only look whether it could be done, and count')
    .action((flags: Flags) => runMigrate(flags, options));
}

async function runMigrate({ from, to, schema, dryRun = false }: Flags, options: MigrateCommandOptions): Promise<void> {
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
