import { Client } from 'pg';
import { there } from '../../contract/deliveries.test-data.ts';
import type { UsedPostgres } from './use-postgres.test-data.ts';

/** A connection of its own, which takes locks as another process would. */
export async function openClient(used: UsedPostgres): Promise<Client> {
  const client = new Client(used.server.url);
  await client.connect();
  return client;
}

/** Of the whole server. A connection tells its statistics when it is closed, so close the stores before. */
export async function countDeadlocks(used: UsedPostgres): Promise<number> {
  const [row] = await used.query('SELECT sum(deadlocks)::integer AS deadlocks FROM pg_stat_database');
  return Number(row?.['deadlocks']);
}

/** Until `count` statements wait for a lock of another transaction. */
export async function untilWaiting(client: Client, count = 1): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    if (there(rows[0]).n >= count) return;
  }
}
