import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
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

/** The first four bytes of a log, but for the last bit, which says the order of bytes (sqlite.org/fileformat2.html#walformat). */
const LOG_MAGIC = 0x377f0682;

/** Notices when the files of an open database are no longer those at its path, or lost their content. */
export class DataFileWatch {
  readonly #known: ReadonlyMap<string, Stats | undefined>;
  readonly #database: string;
  readonly #log: number;
  readonly #logHeader = Buffer.alloc(24);
  readonly #framesInLog: StatementSync;
  #lost: PushServiceError | undefined;

  /** Call it when all files are there, with the database open. */
  constructor(files: DataFiles, connection: DatabaseSync) {
    this.#known = new Map(Object.values(files).map((path) => [path, find(path)]));
    this.#database = files.database;
    // SQLite has no locks on the log, so its descriptors may be closed.
    this.#log = openSync(files.wal, 'r+');
    this.#framesInLog = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  /** Another one in each log, as of the last check. */
  get logId(): bigint {
    return this.#logHeader.readBigUInt64BE(16);
  }

  /**
   * Takes four calls of stat, 3 µs each, and a read of 24 bytes, 2 µs. Without the owner file another service can start, and a commit into a
   * file that was removed is on no disk that anybody will read. So nothing is acknowledged from then on, also where the files come back.
   *
   * @throws {PushServiceError} `data-folder-replaced`
   */
  check(): void {
    this.#lost ??= this.#findLoss();
    if (this.#lost !== undefined) throw this.#lost;
  }

  #findLoss(): PushServiceError | undefined {
    for (const [path, known] of this.#known) {
      const found = find(path);
      const isSame = found !== undefined && found.ino === known?.ino && found.dev === known.dev;
      if (!isSame) return replaced(path, found === undefined ? 'moved or deleted' : 'replaced');
      if (path === this.#database && found.size === 0) return replaced(path, 'truncated');
    }
    return this.#isLogWhole() ? undefined : replaced(`${this.#database}-wal`, 'truncated');
  }

  /** A checkpoint may empty the log. Then its index in the shared memory is empty too. */
  #isLogWhole(): boolean {
    const read = readSync(this.#log, this.#logHeader, 0, this.#logHeader.length, 0);
    if (read === 0) return this.#framesInLog.get()?.['log'] === 0;
    return (this.#logHeader.readUInt32BE() & ~1) === LOG_MAGIC;
  }

  /** Call it before the database is closed. */
  close(): void {
    // An end of the log without its beginning is zeros at the beginning, which the last close would move into the database.
    if (!this.#isLogWhole()) ftruncateSync(this.#log);
    closeSync(this.#log);
  }
}

function find(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function replaced(path: string, what: string): PushServiceError {
  return new PushServiceError(
    'data-folder-replaced',
    `${path} was ${what} while the push service had it open, so it keeps nothing any more: stop it before you change its ` +
      'files, and start it again',
  );
}

export function unusable(what: string, cause?: unknown): PushServiceError {
  return new PushServiceError('data-folder-unusable', `The data folder cannot be used: ${what}`, { cause });
}
