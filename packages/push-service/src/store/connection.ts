import type { StatementSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { STATEMENTS, type StatementName } from './statements.ts';
import { WalSync } from './wal-sync.ts';

/** The database with its statements, prepared when they are first used. */
export class Connection {
  readonly #opened: OpenDatabase;
  readonly #walSync: WalSync | undefined;
  readonly #prepared = new Map<StatementName, StatementSync>();
  #afterCommit: (() => void)[] = [];
  #isClosed = false;

  /** @param path a file, or ':memory:' */
  constructor(path: string) {
    this.#opened = openDatabase(path);
    this.#walSync = path === ':memory:' ? undefined : new WalSync(path);
  }

  /** @throws {PushServiceError} `closed`, `data-folder-replaced` */
  statement(name: StatementName): StatementSync {
    const statement = this.#prepare(name);
    if (!this.#opened.database.isTransaction) this.#opened.checkFiles();
    return statement;
  }

  #prepare(name: StatementName): StatementSync {
    if (this.#isClosed) throw new PushServiceError('closed', 'The push service was closed: start another one');
    const statement = this.#prepared.get(name) ?? this.#opened.database.prepare(STATEMENTS[name]);
    this.#prepared.set(name, statement);
    return statement;
  }

  transaction<T>(work: () => T): T {
    let result: T;
    this.statement('begin').run();
    try {
      result = work();
      this.#prepare('commit').run();
      // A commit into a file that was removed is not kept.
      this.#opened.checkFiles();
    } catch (error) {
      this.#afterCommit = [];
      // A disk that is full has made SQLite roll back by itself, and what is thrown is to say so.
      if (this.#opened.database.isTransaction) this.#prepare('rollback').run();
      throw error;
    }
    for (const callback of this.#afterCommit.splice(0)) callback();
    return result;
  }

  /** Calls back once the transaction under way is committed, if it is; without one at once. */
  afterCommit(callback: () => void): void {
    if (this.#opened.database.isTransaction) this.#afterCommit.push(callback);
    else callback();
  }

  /** Resolves when all that was committed before would survive a power cut. That it survives kill -9 needs no waiting. */
  async synced(): Promise<void> {
    await this.#walSync?.synced();
    this.#opened.checkFiles();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#walSync?.close();
    } finally {
      this.#opened.close();
    }
  }
}
