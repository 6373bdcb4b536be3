import { Client, escapeIdentifier } from 'pg';
import { StoreError } from '../errors.ts';
import { toStoreError } from '../postgres/failure.ts';
import type { TablePlan } from './table-plan.ts';

type Run = (sql: string, values?: readonly unknown[]) => Promise<readonly (readonly unknown[])[]>;

/** One connection to a schema. */
export interface CopyTarget {
  /** Runs a statement in which `belfry.` stands for the schema, and answers its rows. */
  readonly query: Run;
  /** Runs one that names the schema itself. */
  readonly execute: Run;
  /** The table, as SQL names it. */
  nameOf(table: string): string;
  /** @throws {StoreError} `store-failed` where the table has rows */
  refuseRows(table: TablePlan): Promise<void>;
}

export interface TargetSchema {
  readonly url: string;
  readonly schema: string;
}

/** Ends the connection afterwards, which undoes what was not committed. Rejects with a StoreError. */
export async function withTarget<Result>(
  { url, schema }: TargetSchema,
  work: (target: CopyTarget) => Promise<Result>,
): Promise<Result> {
  let client: Client | undefined;
  try {
    client = new Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      fallback_application_name: 'belfry',
    });
    // A connection that breaks fails its query; without a listener it would end the process.
    client.on('error', () => {});
    await client.connect();
    return await work(targetOf(client, schema));
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client?.end().catch(() => {});
  }
}

function targetOf(client: Client, schema: string): CopyTarget {
  const prefix = `${escapeIdentifier(schema)}.`;
  const execute: Run = async (text, values = []) =>
    (await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows;
  const query: Run = (sql, values) =>
    execute(
      sql.replaceAll('belfry.', () => prefix),
      values,
    );
  return {
    query,
    execute,
    nameOf: (table) => `${prefix}${table}`,
    async refuseRows({ name }) {
      const [[hasRows] = []] = await query(`SELECT EXISTS (SELECT 1 FROM belfry.${name})`);
      if (hasRows !== true) return;
      throw new StoreError(
        'store-failed',
        `The schema ${schema} has a store already (${name} has rows): copy into another one, or drop it first`,
      );
    },
  };
}
