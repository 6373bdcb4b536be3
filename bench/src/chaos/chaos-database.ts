import { join } from 'node:path';
import { startPostgres } from '../../../packages/store/src/postgres/testing/start-postgres.test-data.ts';
import type { Engine, StoreLocation } from '../store/store-location.ts';

/** Where the messages of an engine's rounds are. */
export interface ChaosDatabase {
  readonly store: StoreLocation;
  /** Processes that send from it at once. */
  readonly senders: number;
  /** Ends it as a crash does, and starts it again; undefined where there is no server. */
  readonly restart: (() => Promise<void>) | undefined;
  stop(): Promise<void>;
}

export async function startDatabase(engine: Engine, folder: string): Promise<ChaosDatabase> {
  switch (engine) {
    case 'sqlite':
      return {
        store: { engine, path: join(folder, 'belfry.db') },
        senders: 1,
        restart: undefined,
        async stop() {},
      };
    case 'postgres': {
      const server = await startPostgres();
      return {
        store: { engine, url: server.url, schema: server.freshSchema() },
        senders: 3,
        async restart() {
          await server.crash();
          await server.recover();
        },
        stop: () => server.stop(),
      };
    }
  }
}
