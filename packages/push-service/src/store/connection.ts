import type { StatementSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { STATEMENTS, type StatementName } from './statements.ts';

/** The database with its statements, prepared when they are first used. */
export class Connection {
  readonly #opened: OpenDatabase;
  readonly #prepared = new Map<StatementName, StatementSync>();
  #isClosed = false;

  /** @param path a file, or ':memory:' */
  constructor(path: string) {
    this.#opened = openDatabase(path);
  }

  /** @throws {PushServiceError} `closed` */
  statement(name: StatementName): StatementSync {
    if (this.#isClosed) throw new PushServiceError('closed', 'The push service was closed: start another one');
    const statement = this.#prepared.get(name) ?? this.#opened.database.prepare(STATEMENTS[name]);
    this.#prepared.set(name, statement);
    return statement;
  }

  transaction<T>(work: () => T): T {
    const { database } = this.#opened;
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#opened.close();
  }
}
