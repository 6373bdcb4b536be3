import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { usePostgres } from '../testing/use-postgres.test-data.ts';
import { ZONED_CHUNKS_SQL } from './plan-chunks.ts';

const used = usePostgres();
const NAMES = 60;
const ZONES = 300;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

test('made-up push services cost a local-time broadcast what their devices do, however many time zones there are', async () => {
  const room = await used.room();
  onTestFinished(() => room.remove());
  await (await room.open()).close();
  const client = new Client(used.server.url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`SET search_path = ${room.schema}`);
  await client.query(`
    INSERT INTO users (external_id, created_at) VALUES ('ada', 0);
    INSERT INTO devices (public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key, time_zone,
      created_at, updated_at)
    SELECT n, 1, n, n, 'https://push' || n % ${NAMES}, '', '', '', 'zone' || n, 0, 0 FROM generate_series(1, ${ZONES}) AS n;
    INSERT INTO messages (id, audience, last_device_id, content, state, created_at, run_at, ttl_ms)
    VALUES ('m', '{"kind":"all"}', ${ZONES}, '{}', 'fanning-out', 0, 0, 1);
    ANALYZE`);
  const names = Array.from({ length: ZONES }, (_, n) => `zone${n + 1}`);
  const explained = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${ZONED_CHUNKS_SQL.replaceAll('belfry.', '')}`,
    [1, ZONES, names.map(() => 5), 1000, null, names],
  );
  const scans = scansOf('devices', explained.rows[0]?.['QUERY PLAN'][0].Plan);
  const { rows } = await client.query('SELECT count(*)::INTEGER AS chunks FROM chunks');
  expect(rows).toEqual([{ chunks: ZONES }]);
  expect(scans.reduce((sum, scan) => sum + scan['Actual Loops'], 0)).toBeLessThan(10 * ZONES);
});

function scansOf(table: string, node: PlanNode | undefined): readonly PlanNode[] {
  if (node === undefined) return [];
  const own = node['Relation Name'] === table ? [node] : [];
  return [...own, ...(node.Plans ?? []).flatMap((plan) => scansOf(table, plan))];
}
