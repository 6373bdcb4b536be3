import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import type { SqliteEffects } from './effects.ts';
import { storeInUse } from './ownership.ts';
import { text, textOrNull } from './row.ts';
import { isLocked } from './sqlite-code.ts';
import type { StoreFiles } from './store-files.ts';

/** How long a process waits for the answer of an owner that may be there. An owner looks four times a second. */
const ANSWER_MS = 2000;
const POLL_MS = 50;
/** How long a connection may take to make its WAL, or to remove it. */
const OPENING_MS = 1000;

/**
 * Who owns the store, kept in the database itself. The lock of the owner file vanishes with that file; this row is in the
 * inode of the database, whatever its path.
 */
export interface Fence {
  /**
   * Call it in a transaction that writes. It costs one read by primary key.
   *
   * @throws {StoreError} `store-replaced` where another process has taken the store over
   */
  check(): void;
  /** Whether somebody asks, or has taken the store over: a read alone, which waits for nobody. */
  needsCheck(): boolean;
  /** Says that the owner has gone: the last that it writes. */
  release(): void;
}

/**
 * Whether another connection has the database open, so that its owner is to be asked. In WAL mode such a connection has made the WAL
 * at its path. Where there is none at ours, it opened the file by another path, as from a container that mounts the file alone:
 * then neither sees what the other writes. Call it before anything opens the database.
 *
 * @throws {StoreError} `store-in-use`
 */
export function findOther({ database, wal }: StoreFiles, { elapsed }: SqliteEffects): boolean {
  // A connection that opens or closes at this moment has no WAL either.
  for (const startedAt = elapsed(); ; sleep()) {
    const isBeside = existsSync(wal);
    if (!hasOther(database)) return false;
    if (isBeside) return true;
    if (elapsed() - startedAt > OPENING_MS) break;
  }
  if (!isInWalMode(database)) return true;
  throw new StoreError(
    'store-in-use',
    `Another process has ${database} open by another path, such as in a container that mounts the file alone: ` +
      'stop it, and mount the folder of the file instead',
  );
}

/** By the header (sqlite.org/fileformat2.html#database_header): SQLite itself would make a WAL to say it. */
function isInWalMode(database: string): boolean {
  const header = Buffer.alloc(20);
  // This process has no lock on the file yet that closing it would drop.
  const descriptor = openSync(database, 'r');
  try {
    return readSync(descriptor, header, 0, header.length, 0) === header.length && header[18] === 2;
  } finally {
    closeSync(descriptor);
  }
}

function sleep(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
}

/**
 * Asks for the store before it is changed, where `findOther` found another connection. An owner that lives answers, and this
 * process is refused.
 *
 * @throws {StoreError} `store-in-use`
 */
export function askOwner(database: DatabaseSync, { elapsed, randomId }: SqliteEffects): void {
  if (!hasOwner(database)) return;
  const claim = randomId();
  try {
    database.prepare('UPDATE owner SET claim = ? WHERE id = 1').run(claim);
  } catch (error) {
    // Somebody writes, and does not stop.
    throw isLocked(error) ? storeInUse(error) : error;
  }
  const select = database.prepare('SELECT claim FROM owner WHERE id = 1');
  for (const startedAt = elapsed(); elapsed() - startedAt < ANSWER_MS; ) {
    sleep();
    if (textOrNull(select.get() ?? {}, 'claim') !== claim) throw storeInUse();
  }
}

/** Makes this process the owner. An earlier one that still lives fails from here on. */
export function takeFence(database: DatabaseSync, { randomId }: SqliteEffects): Fence {
  const token = randomId();
  // After a power cut no owner lives, so this row needs no flush: it would cost an fsync at each start and each end.
  database.exec('PRAGMA synchronous = OFF');
  // The stamp stays where it is that of this file (see file-stamp.ts): while somebody reads, no other one can be set. In a backup that
  // was restored it is that of another file.
  database
    .prepare(`
      INSERT INTO owner (id, token) VALUES (1, ?)
      ON CONFLICT (id) DO UPDATE SET token = excluded.token, claim = NULL, stamp = CASE
        WHEN stamp <= (SELECT schema_version FROM pragma_schema_version)
          AND generation = (SELECT application_id FROM pragma_application_id) THEN stamp END`)
    .run(token);
  // FULL on every connection: a WAL database would otherwise run at NORMAL, which may lose commits at a power cut.
  database.exec('PRAGMA synchronous = FULL');
  const select = database.prepare('SELECT token, claim FROM owner WHERE id = 1');
  const answer = database.prepare('UPDATE owner SET claim = NULL WHERE id = 1');
  const release = database.prepare("UPDATE owner SET token = '', claim = NULL WHERE id = 1 AND token = ?");
  return {
    check() {
      const row = select.get() ?? {};
      if (text(row, 'token') !== token) {
        throw new StoreError(
          'store-replaced',
          'Another process has taken this SQLite store over, and this one may not use it any more: ' +
            'give each process a store of its own, and start this one again',
        );
      }
      if (row['claim'] !== null) answer.run();
    },
    needsCheck() {
      const row = select.get() ?? {};
      return row['token'] !== token || row['claim'] !== null;
    },
    release() {
      database.exec('PRAGMA synchronous = OFF');
      release.run(token);
      // The last close moves the WAL into the database and removes it. Without a flush a power cut would leave neither.
      database.exec('PRAGMA synchronous = FULL');
    },
  };
}

/**
 * Whether another connection has the database open, in this process or another one. Without any there is no owner that
 * lives: so after kill -9 nobody waits for an answer, unless somebody reads the file at that moment.
 */
function hasOther(path: string): boolean {
  const probe = new DatabaseSync(path, { timeout: 0 });
  try {
    probe.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return false;
  } catch (error) {
    if (isLocked(error)) return true;
    throw error;
  } finally {
    probe.close();
  }
}

function hasOwner(database: DatabaseSync): boolean {
  // An owner keeps it in WAL mode. In another mode a reader would make the question wait.
  if (text(database.prepare('PRAGMA journal_mode').get() ?? {}, 'journal_mode') !== 'wal') return false;
  // A store of an earlier schema has no such table.
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'owner'").get();
  if (isThere === undefined) return false;
  const row = database.prepare('SELECT token FROM owner WHERE id = 1').get();
  return row !== undefined && text(row, 'token') !== '';
}
