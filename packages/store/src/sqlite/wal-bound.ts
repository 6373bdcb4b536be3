import type { DatabaseSync } from 'node:sqlite';
import type { SqliteEffects } from './effects.ts';
import type { FileWatch } from './file-watch.ts';
import { integer } from './row.ts';
import { countsFrames } from './wal-end.ts';

/** The WAL's usual size is 4 MB: 1000 pages, after which a commit moves them into the database. */
export const WAL_LIMIT_BYTES: number = 16 * 1024 * 1024;
/** How long a checkpoint waits that a reader has stopped. */
const RETRY_MS = 5000;

export interface BoundWalOptions {
  readonly database: DatabaseSync;
  readonly files: FileWatch;
  readonly effects: SqliteEffects;
}

/**
 * While somebody reads, the WAL only grows; it stays that large when the reader has gone. A commit cuts it to
 * `journal_size_limit` when it begins the WAL anew, and this does it where no commit comes. It waits for nobody: with a
 * reader it stops at once. What it moves into the database, the next commit would have to move otherwise.
 */
export function boundWal({ database, files, effects }: BoundWalOptions): () => void {
  database.exec(`PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
  let notBefore = 0;
  return () => {
    if (effects.elapsed() < notBefore || files.walBytes() <= WAL_LIMIT_BYTES) return;
    notBefore = effects.elapsed() + RETRY_MS;
    database.exec('PRAGMA busy_timeout = 0');
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  };
}

/** SQLite's own limit. */
const MOVED_PAGES = 1000;

/**
 * Moves the WAL into the database where it has 1000 pages, as SQLite does within a commit. Here it is done after the commit, so that
 * the file can be looked at in between: the pages of one store must not go into the file of another. Returns whether it tried. Where
 * frames are not counted, SQLite goes on doing it.
 */
export function moveWal(database: DatabaseSync, files: FileWatch): () => boolean {
  if (!countsFrames(database)) return () => false;
  database.exec('PRAGMA wal_autocheckpoint = 0');
  const logged = database.prepare('PRAGMA wal_checkpoint(NOOP)');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  return () => {
    if (files.walFrames() < MOVED_PAGES) return false;
    const row = logged.get() ?? {};
    if (integer(row, 'log') === integer(row, 'checkpointed')) return false;
    checkpoint.get();
    return true;
  };
}

/** Somebody who looks into the file with another tool may hold it for a moment. */
export const BUSY_TIMEOUT_MS = 5000;
