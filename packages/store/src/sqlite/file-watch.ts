import { closeSync, ftruncateSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { watchDatabaseEnd } from './database-end.ts';
import { integer } from './row.ts';
import type { StoreFiles } from './store-files.ts';
import { watchWalEnd } from './wal-end.ts';

/** Notices when the files of an open store are no longer those at its path, or lost their content. */
export interface FileWatch {
  /**
   * Looks at the database and its WAL: 2 × stat, 3 µs each, a read of 24 bytes, 2 µs, and the end of the WAL, 6 µs. A commit into a
   * file that was removed or truncated is on no disk that anybody will read, so it must not be acknowledged.
   *
   * @throws {StoreError} `store-replaced`
   */
  check(): void;
  /** Looks at the size of the WAL alone. */
  checkWal(): void;
  /** Looks at the shared memory of the WAL too, without which two processes do not see each other's commits. */
  checkAll(): void;
  /**
   * Whether what is in the WAL can be moved into the database: not where the database lies where it was, beside another WAL or its
   * shared memory. Then another process has it. Nor where the database or the WAL was truncated: what is left stays as it is for the
   * next start. Where all that is left of the WAL is in the database already, with more, the WAL is emptied: the next start would put
   * older pages in the place of newer ones.
   */
  settleWal(): 'whole' | 'damaged' | 'of another process';
  /** Of the database, as of the last look. */
  databaseStats(): Stats | undefined;
  /** Whether the database file has its end, or the WAL has what the file lacks. Slower than `check`; see database-end.ts. */
  isDatabaseWhole(): boolean;
  /** Whether the database at the path is still the one that was opened, whatever was written into it. */
  isInPlace(): boolean;
  /** As of the last look: another one where SQLite began the WAL anew (sqlite.org/fileformat2.html#walformat). */
  walSalt(): bigint;
  /** The same as of now. */
  readWalSalt(): bigint;
  walBytes(): number;
  /** As of the last look. */
  walFrames(): number;
  close(): void;
}

/** Call it when all files are there, with the database open. */
export function watchFiles({ database, wal, sharedMemory }: StoreFiles, connection: DatabaseSync): FileWatch {
  const at = new Map([database, wal, sharedMemory].map((path) => [path, find(path)]));
  // SQLite has no locks on the WAL, so its descriptors may be closed.
  const descriptor = openSync(wal, 'r+');
  const header = Buffer.alloc(24);
  const logged = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  const end = watchWalEnd(connection, descriptor);
  const databaseEnd = watchDatabaseEnd(connection, { path: database, wal: descriptor });
  /** It stays so, also where somebody writes another file in the meantime. */
  let isDamaged = false;
  /** Then nobody knows how much of the WAL is in the database. */
  let isIndexDamaged = false;
  let databaseStats = at.get(database);

  function look(path: string): Stats {
    const found = find(path);
    const known = at.get(path);
    if (found !== undefined && isSame(found, known)) return found;
    throw replaced(path, found === undefined ? 'moved or deleted' : 'replaced');
  }

  /** A checkpoint may empty the WAL. Then its index in the shared memory is empty too. */
  function isWalWhole(): boolean {
    // Before SQLite 3.51 that is -1 while another process moves the log.
    if (readSync(descriptor, header, 0, header.length, 0) === 0) return integer(logged.get() ?? {}, 'log') <= 0;
    return (header.readUInt32BE() & ~1) === WAL_MAGIC;
  }

  function damaged(path: string): StoreError {
    isDamaged = true;
    return replaced(path, 'cut short or overwritten');
  }

  function damagedIndex(): StoreError {
    isIndexDamaged = true;
    return replaced(sharedMemory, 'overwritten');
  }

  function isTaken(): boolean {
    if (!isSame(find(database), at.get(database))) return false;
    return [wal, sharedMemory].some((path) => {
      const found = find(path);
      return found !== undefined && !isSame(found, at.get(path));
    });
  }

  function check(): void {
    databaseStats = look(database);
    const { size } = look(wal);
    if (databaseStats.size === 0) throw damaged(database);
    const found = isWalWhole() ? end.look({ salt: walSalt(), bytes: size }) : 'cut';
    if (found === 'cut') throw damaged(wal);
    if (found === 'other-index') throw damagedIndex();
  }

  function walSalt(): bigint {
    return header.readBigUInt64BE(16);
  }

  return {
    check,
    checkWal() {
      if (!end.isUncut()) throw damaged(wal);
    },
    checkAll() {
      check();
      look(sharedMemory);
      if (!end.isNewestThere()) throw damagedIndex();
    },
    settleWal() {
      // The WAL may have more than what is left in the database.
      if (isIndexDamaged || find(database)?.size === 0) return 'damaged';
      if (isDamaged || !isWalWhole()) {
        const { there, moved } = end.count();
        if (!isWalWhole() || there <= moved) ftruncateSync(descriptor);
        return 'damaged';
      }
      return isTaken() ? 'of another process' : 'whole';
    },
    isDatabaseWhole: databaseEnd.isWhole,
    isInPlace: () => isSame(find(database), at.get(database)),
    databaseStats: () => databaseStats,
    walSalt,
    readWalSalt() {
      readSync(descriptor, header, 0, header.length, 0);
      return walSalt();
    },
    walFrames: end.lastFrames,
    walBytes: () => find(wal)?.size ?? 0,
    close: () => closeSync(descriptor),
  };
}

/** The first four bytes of a WAL, but for the last bit, which says the order of bytes (sqlite.org/fileformat2.html#walformat). */
const WAL_MAGIC = 0x377f0682;

function find(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

function replaced(path: string, what: string): StoreError {
  return new StoreError(
    'store-replaced',
    `${path} was ${what} while the store was open, so nothing is ` +
      'stored any more: stop this process before you change its files, and start it again',
  );
}
