import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from '../sqlite.ts';
import { BEYOND_BOUND_SQL } from './bound-waiting.ts';

// With the rows themselves, a device at the bound takes a hundred times as long: 3.4 ms.
test('what waits for a device beyond the bound is found in the index alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-bound-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'belfry.db');
  await (await sqlite(path)()).close();
  const database = new DatabaseSync(path, { readOnly: true });
  onTestFinished(() => database.close());
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${BEYOND_BOUND_SQL}`).all({ deviceId: 1 });
  expect(plan.map(({ detail }) => detail)).toEqual([
    'SEARCH deliveries USING COVERING INDEX deliveries_waiting (device_id=?)',
  ]);
});
