import { escapeIdentifier, Pool, type PoolClient } from 'pg';
import { COMMIT_TO_DISK, type Durability, isCommittedToDisk } from './commit-to-disk.ts';
import type { PostgresEffects } from './effects.ts';
import { failureKind, toStoreError } from './failure.ts';
import type { Row } from './row.ts';

/** A statement; one with a name is prepared once on each connection. */
export interface Statement {
  readonly name: string | undefined;
  readonly text: string;
}

/** A statement that writes and whose text contains `Database.durably`. */
export interface WriteStatement extends Statement {
  readonly isDurable: true;
}

type Scalar = string | number | boolean | Uint8Array | null;
/** What a `$1` may stand for; an array is one of PostgreSQL's. */
export type Value = Scalar | readonly Scalar[];

export interface Transaction {
  /** The rows that a statement answers: of a change, those it returns. */
  rows(statement: Statement, ...values: readonly Value[]): Promise<readonly Row[]>;
}

export interface Database {
  /** Another for each opened store: what it leases is marked with it. */
  readonly storeId: string;
  /** For SQL that is used again and again, prepared on each connection. */
  prepare(sql: string): Statement;
  /**
   * The same for one statement that writes and is a transaction of its own. Its text contains `durably` as a condition.
   *
   * @throws {TypeError} where it does not
   */
  prepareWrite(sql: string): WriteStatement;
  /** A condition that is true and makes the commit of its statement wait for the disk. */
  readonly durably: string;
  /** For SQL that is put together from what is asked. */
  once(sql: string): Statement;
  /** One statement that changes nothing. */
  read(statement: Statement, ...values: readonly Value[]): Promise<readonly Row[]>;
  /** One statement, as a transaction of its own. */
  write(statement: WriteStatement, ...values: readonly Value[]): Promise<readonly Row[]>;
  /**
   * Runs `work` again from its start where another transaction got in its way, or a connection broke before the commit.
   *
   * @param options.lockMs How long it waits for a lock. Default: 10,000.
   * @throws {StoreError} `store-busy` where it waited too long for a lock; it was undone
   */
  transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options?: { readonly lockMs?: number | undefined },
  ): Promise<Result>;
  /** Ends the connections; nothing may be under way. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly schema: string;
  readonly maxConnections: number;
  readonly durability: Durability;
  /** How long to wait for a connection, for the result of a statement, and for a lock of another transaction. */
  readonly timeouts?: { readonly connectMs: number; readonly queryMs: number; readonly lockMs: number };
  readonly effects: PostgresEffects;
}

/** How long to wait before each new try: a restarted PostgreSQL is back within seconds; and after a conflict at once. */
const RECONNECT_DELAYS_MS: readonly number[] = [50, 100, 200, 400, 800, 1000, 1000, 1000];
const CONFLICT_DELAYS_MS: readonly number[] = [0, 5, 20, 50, 100, 200];

/**
 * `connectMs` includes the wait for a free connection, so it is no shorter than a burst of work takes. `queryMs` is for a server
 * that vanished without a word; no statement of this store takes nearly as long. A transaction that waits for a lock for `lockMs`
 * gives up, and its connection is free again. No transaction of this store has its locks for seconds, except one that cancels a
 * message with very many deliveries. PostgreSQL ends transactions that wait in a circle after one second.
 */
const TIMEOUTS = { connectMs: 20_000, queryMs: 60_000, lockMs: 10_000 };

/**
 * SQL names every table as `belfry.…`, and the schema takes that name's place in the text. A `search_path` would be shorter, but
 * behind a transaction pooler it is lost with the next transaction, and as a start-up option PgBouncer refuses it.
 */
export function openDatabase({
  url,
  schema,
  maxConnections,
  durability,
  timeouts = TIMEOUTS,
  effects,
}: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
    keepAlive: true,
    fallback_application_name: 'belfry',
  });
  pool.on('connect', (client) => {
    client.setTypeParser(INT8, toInteger);
    // A connection that breaks fails its query; without a listener it would end the process.
    client.on('error', () => {});
  });
  pool.on('error', () => {});
  const qualified = (sql: string) => sql.replaceAll('belfry.', () => `${escapeIdentifier(schema)}.`);
  // One name for each text: parts of operations share their statements.
  const names = new Map<string, string>();
  const durably = isCommittedToDisk(durability);
  const begin = durability === 'disk' ? `${BEGIN}; ${COMMIT_TO_DISK}` : BEGIN;

  return {
    storeId: effects.randomId(),
    durably,
    prepare,
    prepareWrite(sql) {
      if (!sql.includes(durably)) throw new TypeError('The statement writes and its text lacks `durably`');
      return { ...prepare(sql), isDurable: true };
    },
    once: (sql) => ({ name: undefined, text: qualified(sql) }),
    read: (statement, ...values) =>
      repeat(
        (client) => query(client, statement, values),
        () => true,
      ),
    write: (statement, ...values) =>
      repeat(
        (client) => query(client, statement, values),
        () => false,
      ),
    transaction(work, { lockMs = timeouts.lockMs } = {}) {
      let isCommitting = false;
      const run = async (client: PoolClient) => {
        isCommitting = false;
        await client.query(`${begin}; SET LOCAL lock_timeout = ${lockMs}`);
        const result = await work({ rows: (statement, ...values) => query(client, statement, values) });
        isCommitting = true;
        await client.query('COMMIT');
        return result;
      };
      return repeat(run, () => !isCommitting);
    },
    close: () => pool.end(),
  };

  function prepare(sql: string): Statement {
    const text = qualified(sql);
    const name = names.get(text) ?? `belfry_${names.size + 1}`;
    names.set(text, name);
    return { name, text };
  }

  async function repeat<Result>(
    run: (client: PoolClient) => Promise<Result>,
    isUndoneWhenLost: () => boolean,
  ): Promise<Result> {
    const reconnects = RECONNECT_DELAYS_MS.values();
    const conflicts = CONFLICT_DELAYS_MS.values();
    for (;;) {
      let client: PoolClient | undefined;
      try {
        client = await pool.connect();
        const result = await run(client);
        client.release();
        return result;
      } catch (error) {
        const kind = failureKind(error);
        // A connection that is not used again undoes what was under way on it.
        const isUsable =
          kind === 'repeat' &&
          (await client?.query('ROLLBACK').then(
            () => true,
            () => false,
          ));
        client?.release(!isUsable);
        const isLost = kind === 'lost' && (client === undefined || isUndoneWhenLost());
        const delays = kind === 'repeat' ? conflicts : isLost ? reconnects : undefined;
        const delayMs = delays?.next().value;
        if (delayMs === undefined) throw toStoreError(error);
        await pause(delayMs);
      }
    }
  }

  function pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    effects.after(delayMs, resolve);
    return promise;
  }
}

async function query(client: PoolClient, { name, text }: Statement, values: readonly Value[]): Promise<readonly Row[]> {
  // Arrays: no object with a key for each column is built, of which a page would have 200.
  const result = await client.query<unknown[]>({ name, text, values: [...values], rowMode: 'array' });
  return result.rows;
}

/**
 * A process that is stopped in the middle of a transaction, or vanishes, would keep its locks, and with them everybody who
 * records something of the same message. Nothing that is done between two statements takes milliseconds. The other settings
 * are there because the role or the database may have shorter timeouts, meant for other programs.
 */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL idle_in_transaction_session_timeout = 5000;
  SET LOCAL statement_timeout = ${TIMEOUTS.queryMs}`;

const INT8 = 20;

/** Ids and times fit into a number; one that did not would be another one. */
function toInteger(digits: string): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new RangeError('PostgreSQL answered an integer of more than 53 bits');
  return value;
}
