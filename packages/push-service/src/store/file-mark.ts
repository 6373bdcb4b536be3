import type { DatabaseSync } from 'node:sqlite';
import type { DatabaseLog } from './database-log.ts';
import type { FileHeader } from './file-header.ts';

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

/** What the header of the file may have. */
export interface Mark {
  readonly lowestSchemaVersion: number;
  readonly highestSchemaVersion: number;
  /** Application ids. */
  readonly earlier: number;
  readonly current: number;
}

export class FileMark {
  readonly #database: DatabaseSync;
  readonly #log: DatabaseLog;
  #markedLog: bigint | undefined;
  /** In memory, since SQLite reads the table from the file that is there now. */
  #known: Mark | undefined;

  constructor(database: DatabaseSync, log: DatabaseLog) {
    this.#database = database;
    this.#log = log;
  }

  /** Marks the log, and notes the schema version where the whole log is in the file. */
  begin(): void {
    const database = this.#database;
    const schemaVersion = numberOf(database, 'schema_version');
    const { busy, log, checkpointed } = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {};
    // While somebody reads, the log cannot be moved into the file. Then what the log says already goes on to hold.
    if (busy !== 0 || log !== checkpointed) this.#noteLog(markOf(database));
    else this.#mark(schemaVersion);
  }

  /** Marks a log that has begun since. Call it after each commit; it costs nothing while the log is the same. */
  repeat(): void {
    if (this.#log.id === this.#markedLog || this.#database.isTransaction) return;
    try {
      this.#mark(null);
    } catch {
      // What was committed before is kept all the same. The next call tries again.
    }
  }

  /** Whether the file that has this header is not the one that is open. */
  isForeign(header: FileHeader | undefined): boolean {
    if (this.#known === undefined) return false;
    if (header === undefined) return true;
    // Somebody may have changed the schema by hand.
    if (header.schemaVersion > this.#known.highestSchemaVersion)
      this.#known = { ...this.#known, highestSchemaVersion: numberOf(this.#database, 'schema_version') };
    return !isMarked(header, this.#known);
  }

  #mark(schemaVersion: number | null): void {
    const database = this.#database;
    let mark: Mark;
    try {
      database.exec('BEGIN IMMEDIATE');
      const earlier = numberOf(database, 'application_id');
      const current = earlier === 0 ? Number(database.prepare(RANDOM_ID).get()?.['id']) : (earlier % LARGEST_ID) + 1;
      database.exec(`PRAGMA application_id = ${current}`);
      database
        .prepare('UPDATE file_mark SET schema_version = coalesce(?, schema_version), earlier = ?, current = ?')
        .run(schemaVersion, earlier, current);
      mark = markOf(database);
      database.exec('COMMIT');
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
    this.#noteLog(mark);
  }

  #noteLog(mark: Mark): void {
    this.#known = mark;
    // The commit of the mark may have begun the log itself, so its id is read again. The next check says if it is whole.
    this.#log.isWhole();
    this.#markedLog = this.#log.id;
  }
}

/** As the log says, where there is one. */
export function markOf(database: DatabaseSync): Mark {
  const row = database.prepare('SELECT schema_version, earlier, current FROM file_mark').get() ?? {};
  return {
    lowestSchemaVersion: Number(row['schema_version']),
    highestSchemaVersion: numberOf(database, 'schema_version'),
    earlier: Number(row['earlier']),
    current: Number(row['current']),
  };
}

export function isMarked({ schemaVersion, applicationId }: FileHeader, mark: Mark): boolean {
  if (schemaVersion < mark.lowestSchemaVersion || schemaVersion > mark.highestSchemaVersion) return false;
  return applicationId === mark.earlier || applicationId === mark.current;
}

function numberOf(database: DatabaseSync, pragma: 'schema_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
