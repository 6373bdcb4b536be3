import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { integer, integerOrNull, type Row } from './row.ts';
import { isLocked } from './sqlite-code.ts';
import type { StoreFiles } from './store-files.ts';

/**
 * After kill -9 the WAL is still there. SQLite applies it to whatever file lies beside it: to a backup that was copied over the
 * database too, which damages it, or brings back what the backup was to undo. This compares the stamp in the WAL with that in the
 * file's header (see file-stamp.ts), and changes neither.
 *
 * After a crash the file has the stamp, or the one before it. Where another process changed the schema, such as with CREATE INDEX,
 * SQLite added 1 to the stamp for each change. Then the file has a number between the stamp and the schema version that the WAL has.
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
  const inFile = headerOf(database);
  if (inFile === undefined) return;
  const known = knownOf(files);
  if (known === undefined) return;
  const { stamps, lastVersion, generations } = known;
  const { schemaVersion } = inFile;
  const isStamped = stamps.includes(schemaVersion) || (schemaVersion > stamps[0] && schemaVersion <= lastVersion);
  if (isStamped && (generations === undefined || isWithin(generations, inFile.applicationId))) return;
  throw foreignWal(files);
}

/** It begins again behind the largest number. */
function isWithin({ first, last }: Generations, number: number): boolean {
  return first > last || (first <= number && number <= last);
}

interface Header {
  readonly schemaVersion: number;
  readonly applicationId: number;
}

/** Of the file alone (sqlite.org/fileformat2.html#database_header): SQLite itself would answer with what the WAL says. */
function headerOf(database: string): Header | undefined {
  const header = Buffer.alloc(72);
  const descriptor = openSync(database, 'r');
  try {
    if (readSync(descriptor, header, 0, header.length, 0) < header.length) return undefined;
    return { schemaVersion: header.readUInt32BE(40), applicationId: header.readInt32BE(68) };
  } finally {
    closeSync(descriptor);
  }
}

interface Generations {
  readonly first: number;
  readonly last: number;
}

/** What the file may have; see `owner` in the migrations. */
interface Known {
  /** The stamp, and the one before it. */
  readonly stamps: readonly [number, number];
  /** The schema version that the WAL has: larger than the stamp where other processes changed the schema since. */
  readonly lastVersion: number;
  /** Undefined where an earlier version wrote the WAL. */
  readonly generations: Generations | undefined;
}

/** As the WAL says; undefined where it does not say. */
function knownOf(files: StoreFiles): Known | undefined {
  // A connection that only reads leaves the WAL as it is when it closes.
  const reading = new DatabaseSync(files.database, { readOnly: true, timeout: 0 });
  try {
    const table = reading.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'owner'").get();
    if (table === undefined) return undefined;
    const row: Row = reading.prepare('SELECT * FROM owner WHERE id = 1').get() ?? {};
    // A column is missing where the schema is older.
    const numberIn = (column: string): number | null => (column in row ? integerOrNull(row, column) : null);
    const stamp = numberIn('stamp');
    if (stamp === null) return undefined;
    const first = numberIn('earlier_generation');
    const last = numberIn('generation');
    return {
      stamps: [stamp, numberIn('earlier_stamp') ?? stamp],
      lastVersion: integer(reading.prepare('PRAGMA schema_version').get() ?? {}, 'schema_version'),
      generations: first === null || last === null ? undefined : { first, last },
    };
  } catch (error) {
    // Somebody has the database: then it is asked who owns it.
    if (isLocked(error)) return undefined;
    throw foreignWal(files, error);
  } finally {
    reading.close();
  }
}

function foreignWal({ database, wal, sharedMemory }: StoreFiles, cause?: unknown): StoreError {
  return new StoreError(
    'store-failed',
    `The write-ahead log ${wal} does not belong to the SQLite store ${database}: another file was put in the place of the one that ` +
      'the log belongs to. Nothing was changed. The log may have the only copy of what was stored last, so copy both files to ' +
      'another folder before you remove anything. If you restored a backup and want to go on with it, then remove the log and ' +
      `${sharedMemory}, and start again. If you want what was stored last, put the file back that the log belongs to. If nobody ` +
      'replaced the file, remove nothing: this is a defect of Belfry, and docs/guides/scaling.md says how to go on',
    { cause },
  );
}
