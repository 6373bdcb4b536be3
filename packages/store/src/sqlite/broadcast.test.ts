import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { and, not, or, topic } from '../a-message.test-data.ts';
import { CHUNK_IDS, type ChunkLease } from '../chunk.ts';
import { broadcast, endpointsOf, leaseAll, saveDevices, sendAll } from '../contract/broadcast.test-data.ts';
import type { PlanMessage } from '../message.ts';
import type { Store } from '../store.ts';
import { openDatabase } from './open-database.ts';
import { prepareConditionSql } from './operations/condition-sql.ts';
import { pageSql } from './operations/read-page.ts';
import { text } from './row.ts';
import { sqlite } from './sqlite.ts';

describe('the query of a page', () => {
  const database = openDatabase(':memory:');
  const condition = and(topic('a'), or(topic('b'), not(topic('c'))));
  const conditionSql = prepareConditionSql(database.database)(condition).sql;
  afterAll(() => database.close());

  test.each([
    ['all', { hasZone: false, conditionSql: null }, 'devices_fan_out (push_origin=? AND id>? AND id<?)'],
    [
      'all of a time zone',
      { hasZone: true, conditionSql: null },
      'devices_zone (push_origin=? AND time_zone=? AND id>? AND id<?)',
    ],
    ['a condition', { hasZone: false, conditionSql }, 'devices_fan_out (push_origin=? AND id>? AND id<?)'],
  ])('to %s searches an index, and neither scans nor sorts', (_audience, page, index) => {
    const plan = database.database.prepare(`EXPLAIN QUERY PLAN ${pageSql(page)}`).all();
    const steps = plan.map((step) => text(step, 'detail'));
    expect(steps).toContain(`SEARCH d USING INDEX ${index}`);
    expect(steps.filter((step) => step.includes('B-TREE'))).toEqual([]);
    // The subquery is what the index search gives, row by row.
    expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([expect.stringMatching(/^SCAN \(subquery-\d+\)$/)]);
    for (const step of steps.filter((one) => / t /.test(one))) expect(step).toMatch(/^SEARCH t USING PRIMARY KEY/);
  });
});

describe('the chunks of a broadcast', () => {
  const DEVICES = 2 * CHUNK_IDS + 2000;
  let folder: string;
  let store: Store;

  // Two of three in Rome, and a gap in the ids that is wider than a chunk.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belfry-broadcast-'));
    const path = join(folder, 'belfry.db');
    await (await sqlite(path)()).close();
    const database = new DatabaseSync(path);
    database.exec(`
      INSERT INTO users (id, external_id, created_at) VALUES (1, 'ada', 0);
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${DEVICES})
      INSERT INTO devices (id, public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key,
        time_zone, created_at, updated_at)
      SELECT iif(n > 1000, n + ${3 * CHUNK_IDS}, n), 'device-' || n, 1, 'binding', 'https://push.example.net/' || n,
        'https://push.example.net', zeroblob(65), zeroblob(16), 'key', iif(n % 3 = 0, NULL, 'Europe/Rome'), 0, 0
      FROM numbers`);
    database.close();
    store = await sqlite(path)();
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function leaseEach(zones: PlanMessage['zones'] = null) {
    const message = await broadcast(store, {}, zones);
    const leases: ChunkLease[] = [];
    for (let more = await leaseAll(store); more.length > 0; more = await leaseAll(store)) leases.push(...more);
    await store.releaseLeases();
    return { message, cursors: leases.map(({ cursor }) => cursor) };
  }

  test('are ranges of ids, and none where there are no devices', async () => {
    const { message, cursors } = await leaseEach();
    const second = 3 * CHUNK_IDS + 1000;
    expect(cursors).toEqual([0, second, second + CHUNK_IDS, second + 2 * CHUNK_IDS]);
    expect(new Set(await sendAll(store)).size).toBe(DEVICES);
    expect(await store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { accepted: DEVICES } });
  });

  test('of a time zone have so many devices each', async () => {
    const zones = ['Europe/Rome', null].map((timeZone) => ({ timeZone, runAt: NOW }));
    const { message, cursors } = await leaseEach(zones);
    // 34,667 devices in Rome, 17,333 without a zone.
    expect(cursors).toHaveLength(3);
    expect(new Set(await sendAll(store)).size).toBe(DEVICES);
    expect(await store.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { accepted: DEVICES } });
  });
});

test('a store in memory, which a second thread cannot read, has broadcasts too', async () => {
  const store = await sqlite(':memory:')();
  const devices = await saveDevices(store, 3, { timeZone: 'Europe/Rome' });
  await broadcast(store);
  expect(await sendAll(store)).toEqual(endpointsOf(devices));
  expect(await store.timeZones()).toEqual(['Europe/Rome']);
  await store.close();
  await expect(store.readPage({ chunkId: branded(1), after: branded(0), limit: 1 })).rejects.toMatchObject({
    code: 'store-closed',
  });
});
