import type { DatabaseSync } from 'node:sqlite';
import type { DataFileWatch } from './data-files.ts';

/**
 * Says in each log which database it belongs to, so that a start notices another file beside it (see foreign-log.ts). The application
 * id in the database's header counts the logs. A copy of the file from before a log has a lower number than the log says.
 */
export const FILE_MARK_SCHEMA = `
  CREATE TABLE file_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The lowest schema version that the file may have. A change of the schema adds 1; a backup counts from 1 again.
    schema_version INTEGER NOT NULL,
    -- The application id of the file when this log began, and the one that this log has brought.
    earlier INTEGER NOT NULL,
    current INTEGER NOT NULL
  ) STRICT;
  INSERT INTO file_mark VALUES (1, 0, 0, 0);
`;

const LARGEST_ID = 2 ** 31 - 1;
/** A new file begins at a random number, so that two files made apart from each other have different marks. */
const RANDOM_ID = 'SELECT abs(random() % 1073741824) + 1 AS id';

export class FileMark {
  readonly #database: DatabaseSync;
  readonly #watch: DataFileWatch;
  #markedLog: bigint | undefined;

  /** Marks the log, and notes the schema version where the whole log is in the file. */
  constructor(database: DatabaseSync, watch: DataFileWatch) {
    this.#database = database;
    this.#watch = watch;
    const schemaVersion = numberOf(database, 'schema_version');
    const { busy, log, checkpointed } = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {};
    // While somebody reads, the log cannot be moved into the file. Then what the log says already goes on to hold.
    if (busy !== 0 || log !== checkpointed) this.#noteLog();
    else this.#mark(schemaVersion);
  }

  /** Marks a log that has begun since. Call it after each commit; it costs nothing while the log is the same. */
  repeat(): void {
    if (this.#watch.logId === this.#markedLog || this.#database.isTransaction) return;
    try {
      this.#mark(null);
    } catch {
      // What was committed before is kept all the same. The next call tries again.
    }
  }

  #mark(schemaVersion: number | null): void {
    const database = this.#database;
    try {
      database.exec('BEGIN IMMEDIATE');
      const earlier = numberOf(database, 'application_id');
      const current = earlier === 0 ? Number(database.prepare(RANDOM_ID).get()?.['id']) : (earlier % LARGEST_ID) + 1;
      database.exec(`PRAGMA application_id = ${current}`);
      database
        .prepare('UPDATE file_mark SET schema_version = coalesce(?, schema_version), earlier = ?, current = ?')
        .run(schemaVersion, earlier, current);
      database.exec('COMMIT');
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
    // This commit may have begun the log itself.
    this.#noteLog();
  }

  #noteLog(): void {
    this.#watch.check();
    this.#markedLog = this.#watch.logId;
  }
}

export function numberOf(database: DatabaseSync, pragma: 'schema_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
