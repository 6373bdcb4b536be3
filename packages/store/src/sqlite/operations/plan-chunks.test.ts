import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { aDevice, NOW } from '../../a-device.test-data.ts';
import { queue, toPlan } from '../../contract/broadcast.test-data.ts';
import { there } from '../../contract/deliveries.test-data.ts';
import { sqlite } from '../sqlite.ts';
import { preparePlanMessage } from './plan-message.ts';

const NAMES = 60;
const ZONES = Intl.supportedValuesOf('timeZone').slice(0, 300);

/** A real database that counts how often its statements run. */
class CountingDatabase extends DatabaseSync {
  runs = 0;

  override prepare(sql: string): StatementSync {
    return new Proxy(super.prepare(sql), {
      get: (statement, name) => {
        this.runs++;
        const value: unknown = Reflect.get(statement, name);
        return typeof value === 'function' ? value.bind(statement) : value;
      },
    });
  }
}

test('made-up push services cost a local-time broadcast what their devices do, however many time zones there are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'belfry.db');
  const store = await sqlite(path)();
  const first = aDevice();
  for (const [index, timeZone] of ZONES.entries()) {
    const endpoint = branded<string, 'Endpoint'>(`https://push${index % NAMES}.example.net/${index}`);
    await store.saveDevice({ ...aDevice({ timeZone }), endpoint, p256dh: first.p256dh, auth: first.auth });
  }
  await queue(store, { runAt: NOW });
  const { seq } = there((await toPlan(store))[0]);
  const zones = (await store.timeZones()).map((timeZone) => ({ timeZone, runAt: NOW }));
  expect(zones).toHaveLength(ZONES.length);
  await store.close();

  const database = new CountingDatabase(path);
  onTestFinished(() => database.close());
  const planMessage = preparePlanMessage(database);
  expect(planMessage({ seq, now: NOW, zones, limit: 1 })).toBe('planned');
  expect(database.prepare('SELECT count(*) AS chunks FROM chunks').get()).toEqual({ chunks: ZONES.length });
  // A device has a time zone to be found, a chunk to be found on both sides, and one to be inserted.
  expect(database.runs).toBeLessThan(10 * (ZONES.length + NAMES));
});
