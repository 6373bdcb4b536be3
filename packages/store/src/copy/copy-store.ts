import { StoreError } from '../errors.ts';
import { COMMIT_TO_DISK } from '../postgres/commit-to-disk.ts';
import { postgres } from '../postgres/postgres.ts';
import { copyTable, type TableSum } from './copy-table.ts';
import { type CopyTarget, withTarget } from './copy-target.ts';
import { checksumSql } from './row-checksum.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { TABLE_PLANS, type TablePlan } from './table-plan.ts';
import { withoutIndexes } from './without-indexes.ts';

export interface CopyStoreOptions {
  /** The file of a SQLite store of this version; a server may have it open. */
  readonly from: string;
  /** Made where it is not there; it must have no rows. */
  readonly to: { readonly url: string; readonly schema?: string };
  /** Only looks whether it could be done, and counts. */
  readonly isDryRun?: boolean;
  /** Ends the copy between two batches; nothing is kept of it then. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CopyProgress) => void;
}

export interface CopyProgress {
  readonly table: string;
  /** Copied so far, and in all. */
  readonly rows: number;
  readonly of: number;
}

export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** The same on both sides; null in a dry run. */
  readonly checksum: string | null;
}

export interface CopyReport {
  readonly tables: readonly CopiedTable[];
  /** A server had the source open: what it writes from the beginning of the copy on is not in it. */
  readonly isInUse: boolean;
}

/**
 * Copies a SQLite store into an empty schema of PostgreSQL: all of it, as it is at one moment, in one transaction, so that a
 * schema has the whole store or no row. Rows are counted and hashed on both sides before it is committed. What was being
 * sent is due again. Reading blocks the event loop for some milliseconds at a time.
 *
 * @throws {StoreError} `store-newer`; `store-failed`: its message says why, without the url
 */
export async function copyStore(options: CopyStoreOptions): Promise<CopyReport> {
  const { from, to, isDryRun = false } = options;
  const { url, schema = 'belfry' } = to;
  // The driver would take any text for the name of a database.
  if (!/^postgres(?:ql)?:\/\//v.test(url)) throw new StoreError('store-failed', 'The url must begin with postgres://');
  const snapshot = openSnapshot(from);
  try {
    // Opening a store makes its schema.
    if (!isDryRun) await (await postgres({ url, schema, maxConnections: 1 })()).close();
    const tables = await withTarget({ url, schema }, (target) =>
      isDryRun ? look(target, snapshot) : copyAll(target, { ...options, snapshot }),
    );
    return { tables, isInUse: snapshot.isInUse };
  } finally {
    snapshot.close();
  }
}

interface Copying extends Pick<CopyStoreOptions, 'signal' | 'onProgress'> {
  readonly snapshot: Snapshot;
}

async function copyAll(target: CopyTarget, copying: Copying): Promise<CopiedTable[]> {
  const { query, nameOf } = target;
  await query(`BEGIN; ${COMMIT_TO_DISK}`);
  // The role's timeouts are meant for shorter work.
  await query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0');
  // Whoever uses the schema, another copy among them, is not waited for; whoever opens it now finds it whole.
  await query("SET LOCAL lock_timeout = '5s'");
  await query(`LOCK TABLE ${TABLE_PLANS.map(({ name }) => `belfry.${name}`).join(', ')} IN ACCESS EXCLUSIVE MODE`);
  for (const table of TABLE_PLANS) await target.refuseRows(table);
  const tables: CopiedTable[] = [];
  for (const table of TABLE_PLANS) {
    const { rows, checksum } = await copyOne(target, { ...copying, table });
    tables.push({ table: table.name, rows, checksum: checksum.toString(16) });
    const last = table.identity === undefined ? 0 : copying.snapshot.lastIdentity(table);
    if (last > 0) {
      await query('SELECT setval(pg_get_serial_sequence($1, $2), $3)', [nameOf(table.name), table.identity, last]);
    }
    // PostgreSQL does that by itself too, but later: a broadcast may come first.
    await query(`ANALYZE belfry.${table.name}`);
  }
  await query('COMMIT');
  return tables;
}

async function copyOne(
  target: CopyTarget,
  { table, snapshot, signal, onProgress }: Copying & { readonly table: TablePlan },
): Promise<TableSum> {
  const of = snapshot.countRows(table);
  const onRows = (rows: number): void => {
    if (signal?.aborted) throw new StoreError('store-failed', 'It was stopped, and nothing was copied');
    onProgress?.({ table: table.name, rows, of });
  };
  const work = () => copyTable(table, { snapshot, target, onRows });
  const read = await withoutIndexes(target, { table: table.name, work });
  const [[rows, checksum] = []] = await target.query(checksumSql(table));
  if (read.rows !== of || rows !== String(of) || checksum !== String(read.checksum)) {
    throw new StoreError(
      'store-failed',
      `${table.name} has ${of} rows, and ${String(rows)} arrived or others than they were; nothing was copied`,
    );
  }
  return read;
}

/** Whether the schema could be copied into, without making it. */
async function look({ query, nameOf, refuseRows }: CopyTarget, snapshot: Snapshot): Promise<CopiedTable[]> {
  const tables: CopiedTable[] = [];
  for (const table of TABLE_PLANS) {
    const [[isThere] = []] = await query('SELECT to_regclass($1) IS NOT NULL', [nameOf(table.name)]);
    if (isThere === true) await refuseRows(table);
    tables.push({ table: table.name, rows: snapshot.countRows(table), checksum: null });
  }
  return tables;
}
