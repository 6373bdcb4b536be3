import { closeSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import type { DataFiles } from './data-files.ts';
import { DatabaseLog } from './database-log.ts';
import { readFileHeader } from './file-header.ts';
import { FileMark } from './file-mark.ts';

/** Notices when the files of an open database are no longer those at its path, or lost their content. */
export class DataFileWatch {
  readonly #files: DataFiles;
  readonly #known: ReadonlyMap<string, Stats | undefined>;
  readonly #database: number;
  readonly #log: DatabaseLog;
  readonly #mark: FileMark;
  /** Of the database, as of the last look at its end. */
  #seen: Stats | undefined;
  #lost: PushServiceError | undefined;
  #damage: PushServiceError | undefined;

  /** Call it when all files are there, with the database open. */
  constructor(files: DataFiles, connection: DatabaseSync) {
    this.#files = files;
    this.#known = new Map(Object.values(files).map((path) => [path, find(path)]));
    // It stays open as long as the database: a process that closes a descriptor of a file loses SQLite's locks on it.
    this.#database = openSync(files.database, 'r');
    this.#log = new DatabaseLog(files, connection);
    this.#mark = new FileMark(connection, this.#log);
  }

  /** Marks the file and its log. Call it once, before `check`. */
  begin(): void {
    this.#mark.begin();
  }

  /**
   * Takes five calls of stat, 3 µs each, a look at the log, 9 µs, and a read of the header of the file, 2 µs. Without
   * the owner file another service can start. A commit into a file that was removed or written over is on no disk that
   * anybody will read. So nothing is acknowledged from then on, also where the files come back.
   *
   * @throws {PushServiceError} `data-folder-replaced`
   */
  check(): void {
    this.#lost ??= this.#findReplaced() ?? this.#findDamage();
    if (this.#lost !== undefined) throw this.#lost;
    this.#mark.repeat();
    this.#log.moveIfLong();
  }

  #findReplaced(): PushServiceError | undefined {
    for (const [path, known] of this.#known) {
      const found = find(path);
      const isSame = found !== undefined && found.ino === known?.ino && found.dev === known.dev;
      if (!isSame) return replaced(path, found === undefined ? 'moved or deleted' : 'replaced');
    }
    return undefined;
  }

  #findDamage(): PushServiceError | undefined {
    if (this.#damage !== undefined) return this.#damage;
    if (this.#mark.isForeign(readFileHeader(this.#database))) this.#damage = overwritten(this.#files);
    else if (!this.#log.isWhole()) {
      this.#log.dropOutdated();
      this.#damage = replaced(this.#files.wal, 'truncated');
    } else if (!this.#hasEnd()) this.#damage = overwritten(this.#files);
    return this.#damage;
  }

  /** Whether the file has its end. It is looked at only after the file was written. */
  #hasEnd(): boolean {
    const found = fstatSync(this.#database);
    if (found.size === this.#seen?.size && found.mtimeMs === this.#seen.mtimeMs) return true;
    if (!this.#log.hasRest(() => fstatSync(this.#database).size)) return false;
    this.#seen = found;
    return true;
  }

  /**
   * Whether the log does not belong to what is in the file, or is not whole: then nothing may move it there, nor remove
   * it. The next start needs both as they are. Call it before the database is closed.
   */
  isDamaged(): boolean {
    try {
      return this.#findDamage() !== undefined;
    } catch {
      // Such as a read error. The next start looks at them again.
      return true;
    }
  }

  /** Call it when no connection has the database open. */
  close(): void {
    this.#log.close();
    closeSync(this.#database);
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

function overwritten({ database, wal }: DataFiles): PushServiceError {
  return new PushServiceError(
    'data-folder-replaced',
    `${database} was truncated or written over while the push service had it open. The service keeps nothing any more, ` +
      `and changes neither the file nor its log ${wal}. The log may have the only copy of what was kept last: stop the ` +
      'service, and copy both to another folder before you remove anything',
  );
}
