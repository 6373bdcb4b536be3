import { branded } from '@belfry/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../audience.ts';
import { usePostgres } from '../testing/use-postgres.test-data.ts';
import { pageSql } from './read-page.ts';

const used = usePostgres();
const DEVICES = 20_000;

/** How PostgreSQL reads a page, once it knows how many devices there are and how they are spread. */
describe('the plan of a page', () => {
  const topic = (name: string): Condition => ({ kind: 'topic', topic: branded(name) });
  let schema = '';
  let client: Client;

  beforeAll(async () => {
    const room = await used.room();
    schema = room.schema;
    await (await room.open()).close();
    client = new Client(used.server.url);
    await client.connect();
    await client.query(`SET search_path = ${schema}`);
    await client.query(`
      INSERT INTO users (external_id, created_at) SELECT 'user-' || n, 0 FROM generate_series(1, ${DEVICES}) AS n;
      INSERT INTO devices (public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key, time_zone,
        created_at, updated_at)
      SELECT n, n, n, n, 'https://push' || n % 3, '', '', '', CASE WHEN n % 2 = 0 THEN 'Europe/Rome' END, 0, 0
      FROM generate_series(1, ${DEVICES}) AS n;
      INSERT INTO topics (name) SELECT * FROM unnest(ARRAY['news', 'rare']) UNION ALL SELECT 'topic-' || n FROM generate_series(1, 2000) AS n;
      INSERT INTO topic_users SELECT 1, id, 0 FROM users WHERE id % 2 = 0;
      INSERT INTO topic_devices SELECT 1, id, 0 FROM devices WHERE id % 2 = 1;
      INSERT INTO topic_users SELECT 2, id, 0 FROM users WHERE id % 1000 = 0;
      ANALYZE`);
  });
  afterAll(async () => {
    await client.end();
  });

  const PAGES: readonly { name: string; index: string; hasZone: boolean; condition: Condition | null }[] = [
    { name: 'of all', index: 'devices_fan_out', hasZone: false, condition: null },
    { name: 'of a time zone', index: 'devices_zone', hasZone: true, condition: null },
    { name: 'of a topic', index: 'devices_fan_out', hasZone: false, condition: topic('news') },
    { name: 'of a topic that few joined', index: 'devices_fan_out', hasZone: false, condition: topic('rare') },
    {
      name: 'of a condition and a time zone',
      index: 'devices_zone',
      hasZone: true,
      condition: { kind: 'and', of: [topic('news'), { kind: 'not', of: topic('rare') }] },
    },
  ];

  // What is prepared may be planned without its values once it has been used some times; pages with a condition are not.
  describe.for([
    ['force_custom_plan', PAGES],
    ['force_generic_plan', PAGES.filter(({ condition }) => condition === null)],
  ] as const)('with %s', ([mode, pages]) => {
    test.for(pages)('$name goes along the index, and looks up who has joined', async ({ index, ...page }) => {
      const { sql, topics } = pageSql(page);
      const types = ['TEXT', 'BIGINT', 'BIGINT', 'BIGINT', ...(page.hasZone ? ['TEXT'] : [])];
      const values = ["'https://push1'", '5000', '15000', '200', ...(page.hasZone ? ["'Europe/Rome'"] : [])];
      if (page.condition !== null) {
        types.push('TEXT[]');
        values.push(`ARRAY[${topics.map((name) => `'${name}'`).join()}]`);
      }
      await client.query(`SET plan_cache_mode = ${mode}`);
      await client.query(`PREPARE page (${types.join()}) AS ${sql.replaceAll('belfry.', '')}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE page (${values.join()})`);
      await client.query('DEALLOCATE page');
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(new RegExp(`Limit.*\\n\\s+->  Index Scan using ${index} on devices d`, 'v'));
      expect(plan).not.toMatch(/Seq Scan|Sort|hashed/v);
    });
  });
});
