import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import { BUSY_TIMEOUT_MS } from '../limits.ts';
import { DataFileWatch } from './data-file-watch.ts';
import { locateDataFiles, refuseEmptied, restrictFiles, unusable } from './data-files.ts';
import { refuseCutShort, refuseForeignLog } from './foreign-log.ts';
import { MIGRATIONS } from './schema.ts';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  /** @throws {PushServiceError} `data-folder-replaced` where what was committed is not in the files at the path */
  checkFiles(): void;
  close(): void;
}

/**
 * Opens the service's database, alone, and brings its tables up to date. What a committed statement wrote survives
 * kill -9 (WAL, synchronous=NORMAL), and a power cut once `WalSync` has flushed it.
 *
 * @param path a file, or ':memory:'
 * @throws {PushServiceError} `data-folder-in-use`, `data-folder-too-new`, `data-folder-unusable`
 */
export function openDatabase(path: string): OpenDatabase {
  const files = path === ':memory:' ? undefined : locateDataFiles(path);
  const ownership = takeOwnership(files?.owner ?? path);
  let database: DatabaseSync | undefined;
  let keeper: DatabaseSync | undefined;
  let watch: DataFileWatch | undefined;
  const close = (): void => {
    try {
      const isDamaged = watch?.isDamaged() ?? false;
      if (!isDamaged) keeper?.close();
      database?.close();
      if (isDamaged) keeper?.close();
    } finally {
      watch?.close();
      ownership.close();
    }
  };
  try {
    if (files !== undefined) {
      refuseEmptied(files);
      if (existsSync(files.database)) {
        refuseForeignLog(files);
        refuseCutShort(files);
      }
      restrictFiles(files);
    }
    // Waits for whoever looks into the file meanwhile, and holds it for a moment.
    database = new DatabaseSync(files?.database ?? path, { timeout: BUSY_TIMEOUT_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    migrate(database);
    // A transaction that writes makes the log and its shared memory, where they are not there yet.
    database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
    if (files === undefined) return { database, checkFiles() {}, close };
    const opened = new DataFileWatch(files, database);
    watch = opened;
    opened.begin();
    keeper = openKeeper(files.database);
    return { database, checkFiles: () => opened.check(), close };
  } catch (error) {
    close();
    throw error instanceof PushServiceError ? error : unusable(errorText(error), error);
  }
}

/**
 * The last connection that closes the database moves the log into it and removes the log, but not one that only reads.
 * This one is closed last where the log must stay as it is.
 */
function openKeeper(path: string): DatabaseSync {
  const keeper = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    // The first read takes a lock, which the connection keeps while the database has a log.
    keeper.prepare('PRAGMA schema_version').get();
    return keeper;
  } catch (error) {
    keeper.close();
    throw error;
  }
}

/**
 * Two services would each deliver to their own user agents only, and their messages would be stuck at the other. The lock
 * is on a file of its own, so that the database can be inspected while the service runs; the system drops it when the
 * process dies, kill -9 included.
 */
function takeOwnership(path: string): DatabaseSync {
  let owner: DatabaseSync | undefined;
  try {
    owner = new DatabaseSync(path);
    // RESERVED: who reads the file, such as a backup of the folder, has a lock that does not conflict with it.
    owner.exec('BEGIN IMMEDIATE');
    return owner;
  } catch (cause) {
    owner?.close();
    if (!isLocked(cause)) throw unusable(errorText(cause), cause);
    throw new PushServiceError(
      'data-folder-in-use',
      'Another push service uses this data folder: stop it first, or give this one a folder of its own',
      { cause },
    );
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) {
    throw new PushServiceError(
      'data-folder-too-new',
      `The push service's data has version ${version}, and this release knows ${MIGRATIONS.length}: ` +
        'use the release that wrote it, or another data folder',
    );
  }
  const steps = MIGRATIONS.slice(version).join('');
  if (steps !== '') database.exec(`BEGIN IMMEDIATE; ${steps} PRAGMA user_version = ${MIGRATIONS.length}; COMMIT;`);
}

/** SQLite's words name files, tables and columns, never values. */
function errorText(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

/** Only these two mean that another connection has a lock (sqlite.org/rescode.html). */
function isLocked(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  const code = error.errcode & 0xff;
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}
