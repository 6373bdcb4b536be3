import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { integerOrNull, type Row } from './row.ts';
import { isLocked } from './sqlite-code.ts';
import type { StoreFiles } from './store-files.ts';

/**
 * After kill -9 the WAL is still there. SQLite applies it to whatever file lies beside it: to a backup that was copied over the
 * database too, which damages it, or brings back what the backup was to undo. This compares the stamp in the WAL with that in the
 * file's header (see file-stamp.ts), and changes neither.
 *
 * Call it as the owner, before this process opens the database: the descriptor that it closes would drop SQLite's locks. (Where the owner
 * file was removed less than a quarter of a second ago, a second open in one process gets here: the store that is open then loses
 * its lock, and notices at the latest when its WAL is removed.)
 *
 * @throws {StoreError} `store-failed`
 */
export function refuseForeignWal(files: StoreFiles): void {
  const { database, wal } = files;
  if ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const inFile = schemaVersionOf(database);
  if (inFile === undefined) return;
  const known = stampsOf(files);
  if (known.length === 0 || known.includes(inFile)) return;
  throw foreignWal(files);
}

/** Of the file alone (sqlite.org/fileformat2.html#schema_cookie): SQLite itself would answer with what the WAL says. */
function schemaVersionOf(database: string): number | undefined {
  const header = Buffer.alloc(44);
  const descriptor = openSync(database, 'r');
  try {
    return readSync(descriptor, header, 0, header.length, 0) === header.length ? header.readUInt32BE(40) : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** What the file may have, as the WAL says; empty where it does not say. */
function stampsOf(files: StoreFiles): readonly number[] {
  // A connection that only reads leaves the WAL as it is when it closes.
  const reading = new DatabaseSync(files.database, { readOnly: true, timeout: 0 });
  try {
    const columns = reading.prepare("SELECT count(*) AS n FROM pragma_table_info('owner') WHERE name = 'stamp'").get();
    if (columns?.['n'] !== 1) return [];
    const row: Row = reading.prepare('SELECT stamp, earlier_stamp FROM owner WHERE id = 1').get() ?? {};
    const stamp = 'stamp' in row ? integerOrNull(row, 'stamp') : null;
    const earlier = 'earlier_stamp' in row ? integerOrNull(row, 'earlier_stamp') : null;
    return stamp === null ? [] : [stamp, ...(earlier === null ? [] : [earlier])];
  } catch (error) {
    // Somebody has the database: then it is asked who owns it.
    if (isLocked(error)) return [];
    throw foreignWal(files, error);
  } finally {
    reading.close();
  }
}

function foreignWal({ database, wal, sharedMemory }: StoreFiles, cause?: unknown): StoreError {
  return new StoreError(
    'store-failed',
    `The write-ahead log ${wal} does not belong to the SQLite store ${database}: a backup was put in the place of the file, and ` +
      'the log of the earlier file was left there. Nothing was changed. To go on with the backup, remove the log and ' +
      `${sharedMemory}, and start again; or put the file that belongs to the log back`,
    { cause },
  );
}
