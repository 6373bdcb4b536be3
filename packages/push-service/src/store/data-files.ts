import { chmodSync, closeSync, existsSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PushServiceError } from '../errors.ts';

/** The files of the service's database, by their real paths: a symbolic link leads to the same ones. */
export interface DataFiles {
  readonly database: string;
  readonly wal: string;
  readonly sharedMemory: string;
  /** What the service that has the folder locks. */
  readonly owner: string;
}

/** @throws {PushServiceError} `data-folder-unusable` where two services could write without seeing each other's commits */
export function locateDataFiles(path: string): DataFiles {
  const database = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  const stats = find(database);
  // SQLite names the log after the path that it opened.
  if (stats !== undefined && stats.nlink > 1)
    throw unusable(`${database} has several names (hard links): remove the others`);
  if (stats !== undefined && stats.dev !== statSync(dirname(database)).dev) {
    throw unusable(`${database} is mounted without its folder, and its log would stay outside: mount the folder`);
  }
  return { database, wal: `${database}-wal`, sharedMemory: `${database}-shm`, owner: `${database}-owner` };
}

/** A database with a log has a first page. SQLite would begin anew and delete the log. Call it as the owner. */
export function refuseEmptied({ database, wal }: DataFiles): void {
  if (find(database)?.size !== 0 || find(wal) === undefined) return;
  throw unusable(`${database} is empty, and its log is still there: restore the folder, or delete both`);
}

/**
 * Endpoints and uaids are capabilities. SQLite gives new -wal and -shm files the mode of the database. A database that exists is
 * not opened here: a process loses all its POSIX locks on a file, SQLite's among them, when it closes any descriptor of it.
 */
export function restrictFiles(files: DataFiles): void {
  if (!existsSync(files.database)) closeSync(openSync(files.database, 'wx', 0o600));
  for (const path of Object.values(files)) {
    const stats = find(path);
    if (stats === undefined || (stats.mode & 0o777) === 0o600) continue;
    try {
      chmodSync(path, 0o600);
    } catch (cause) {
      throw unusable(
        `others may read ${path}, and this process may not change that: run chmod 600 as its owner`,
        cause,
      );
    }
  }
}

function find(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

export function unusable(what: string, cause?: unknown): PushServiceError {
  return new PushServiceError('data-folder-unusable', `The data folder cannot be used: ${what}`, { cause });
}
