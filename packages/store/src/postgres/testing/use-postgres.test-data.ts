import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { StoreRoom } from '../../contract/store-under-test.test-data.ts';
import { type PostgresOptions, postgres } from '../postgres.ts';
import { followClock } from './follow-clock.test-data.ts';
import { type PostgresServer, startPostgres } from './start-postgres.test-data.ts';

const WRITER = new URL('../postgres-writer.test-data.ts', import.meta.url);

/** Making a data folder takes seconds, and on a busy machine many. */
const START_TIMEOUT_MS = 120_000;

export interface UsedPostgres {
  /** The server of this test file. */
  readonly server: PostgresServer;
  /** A schema of its own on it. Its clock follows the times of calls, until a test sets it. */
  room(options?: Partial<PostgresOptions>): Promise<StoreRoom & { readonly schema: string }>;
  /** Runs SQL beside the stores. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

/** One server for all tests of a file. */
export function usePostgres(): UsedPostgres {
  let running: PostgresServer | undefined;

  beforeAll(async () => {
    running = await startPostgres();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await running?.stop();
  }, START_TIMEOUT_MS);

  function server(): PostgresServer {
    if (running === undefined) throw new Error('the server is there only while tests run');
    return running;
  }

  async function query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client(server().url);
    // Where the server ends, the query says so.
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql, values);
    await client.end();
    return rows;
  }

  return {
    get server() {
      return server();
    },
    async room(options = {}) {
      const { url } = server();
      const schema = options.schema ?? server().freshSchema();
      const open = postgres({ url, ...options, schema });
      /** The last time that the clock was set to, once the calls before have set it. */
      let clock: Promise<number | undefined> = Promise.resolve(undefined);
      let isFollowing = true;
      const setClock = async (now: number): Promise<void> => {
        clock = clock.then(async (then) => {
          if (now !== then) await query(stoppedClock(schema, now));
          return now;
        });
        await clock;
      };
      return {
        schema,
        open: async (effects) =>
          followClock(await open(effects), async (now) => {
            if (isFollowing) await setClock(now);
          }),
        writer: { program: WRITER, args: [url, schema] },
        async setClock(now) {
          isFollowing = false;
          await setClock(now);
        },
        remove: async () => void (await query(`DROP SCHEMA "${schema.replaceAll('"', '""')}" CASCADE`)),
      };
    },
    query,
  };
}

function stoppedClock(schema: string, now: number): string {
  return `CREATE OR REPLACE FUNCTION "${schema.replaceAll('"', '""')}".clock_ms() RETURNS BIGINT LANGUAGE sql VOLATILE
    RETURN ${now}::BIGINT`;
}
