import { chmodSync, closeSync, openSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { StoreError } from '../errors.ts';

/** The files of one store, by their real paths: a symbolic link leads to the same ones. */
export interface StoreFiles {
  readonly database: string;
  readonly wal: string;
  readonly sharedMemory: string;
  /** What the owner of the store locks. */
  readonly owner: string;
}

export function locateStore(path: string): StoreFiles {
  const database = realPath(path);
  return {
    database,
    wal: `${database}-wal`,
    sharedMemory: `${database}-shm`,
    owner: `${database}-owner`,
  };
}

/** The real path of a file that may not exist yet, also behind a symbolic link that leads nowhere yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const target = linkTarget(path);
  if (target !== undefined) return realPath(resolve(dirname(path), target));
  return join(realpathSync(dirname(resolve(path))), basename(path));
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Makes the database file where there is none. It never opens one that exists: a process loses all its POSIX locks on a file,
 * SQLite's among them, when it closes any descriptor of that file. Call it as the owner only.
 */
export function createDatabaseFile({ database }: StoreFiles): void {
  try {
    closeSync(openSync(database, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * SQLite names the WAL after the path that it opened. A file with two names has two WALs, and each process would miss what the
 * other one has committed.
 */
export function refuseHardLinks({ database }: StoreFiles): void {
  const stats = statSync(database, { throwIfNoEntry: false });
  // A folder has several names always.
  if (stats === undefined || stats.isDirectory() || stats.nlink <= 1) return;
  throw new StoreError(
    'store-failed',
    `The SQLite store ${database} has ${stats.nlink} names (hard links), and SQLite would lose commits between them: ` +
      'remove the other names, and make backups with sqlite3 ".backup"',
  );
}

/**
 * SQLite removes the WAL of an empty database and begins anew. No store is empty: SQLite writes the first page of a database
 * before it makes the WAL. So such a file was truncated, or another one was put in its place.
 */
export function refuseEmptied({ database, wal }: StoreFiles): void {
  if (statSync(database, { throwIfNoEntry: false })?.size !== 0) return;
  if (statSync(wal, { throwIfNoEntry: false }) === undefined) return;
  throw new StoreError(
    'store-failed',
    `The SQLite store ${database} is empty, but there is the write-ahead log ${wal} of a store: somebody truncated the file. ` +
      'Copy the log to another folder, since it may have the only copy of what was stored last. Then restore a backup: remove the ' +
      'log first, and put the backup in the place of the file',
  );
}

/** The store holds private keys: only its owner may read it, also where a file exists with a wider mode. */
export function restrictModes(files: StoreFiles): void {
  for (const path of Object.values(files)) restrictMode(path);
}

/** By path: a descriptor would drop SQLite's locks when it is closed. SQLite gives new side files the database's mode. */
export function restrictMode(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & 0o777) === 0o600) return;
  try {
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new StoreError(
      'store-failed',
      `Others may read ${path} (mode ${modeOf(stats)}), and this process may not change that: ` +
        `run "chmod 600 ${path}" as the file's owner, or give the file to the user that runs Belfry`,
      { cause },
    );
  }
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** Which file a path leads to; undefined where there is none. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

export function errnoOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
