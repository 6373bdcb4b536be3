import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { aDevice, NOW } from '../../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../../a-message.test-data.ts';
import { ended, sendNow, there } from '../../contract/deliveries.test-data.ts';
import { sqlite } from '../sqlite.ts';
import { MAX_CHANGED_AT_ONCE, prepareChangeMessage } from './change-message.ts';

const DELIVERIES = 2 * MAX_CHANGED_AT_ONCE + 100;

let path: string;
let message: ReturnType<typeof aMessage>;

/** A message with very many deliveries that wait. */
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-change-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, 'belfry.db');
  const store = await sqlite(path)();
  await store.saveDevice(aDevice());
  message = aMessage();
  const [delivery] = await sendNow(store, message);
  await store.recordResults([ended(delivery, { state: 'retrying', runAt: NOW })]);
  await store.close();
  inFile((database) => {
    database.exec(`
      WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ${DELIVERIES - 1})
      INSERT INTO deliveries (seq, device_id, binding, state, attempts, run_at, expires_at, updated_at, held_at)
      SELECT seq, device_id + n, binding, state, attempts, run_at, expires_at, updated_at, held_at FROM deliveries, n`);
  });
});

function inFile<Result>(work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function counts() {
  const rows = inFile((database) =>
    database.prepare('SELECT state, run_at, count(*) AS rows FROM deliveries GROUP BY 1, 2 ORDER BY 1, 2').all(),
  );
  return rows.map((row) => [row['state'], row['run_at'], row['rows']]);
}

/** What a process has done of a change that dies after the first part. */
function changeAndDie(change: 'resume' | 'cancel') {
  return inFile((database) => prepareChangeMessage(database)({ id: message.id, change, now: NOW }));
}

test('cancelling changes a bounded number of deliveries with each transaction, and all in the end', async () => {
  expect(changeAndDie('cancel')).toEqual({ outcome: 'changed', isMore: true });
  expect(counts()).toEqual([
    ['cancelled', null, MAX_CHANGED_AT_ONCE],
    ['retrying', NOW, DELIVERIES - MAX_CHANGED_AT_ONCE],
  ]);
  const store = await sqlite(path)();
  const due = await store.takeDue({ now: NOW, limit: 10, leaseMs: MINUTE_MS });
  expect(due.deliveries).toEqual([]);
  // Whoever asks again has the rest cancelled at once.
  expect(await store.changeMessage({ id: message.id, change: 'cancel', now: NOW })).toBe('unchanged');
  const status = there(await store.messageStatus(message.id));
  expect(status).toMatchObject({ state: 'cancelled', deliveries: { cancelled: DELIVERIES } });
  await store.close();
});

test('resuming wakes a bounded number of deliveries with each transaction, and all in the end', async () => {
  const store = await sqlite(path)();
  await store.changeMessage({ id: message.id, change: 'pause', now: NOW });
  const parked = await store.takeDue({ now: NOW, limit: DELIVERIES, leaseMs: MINUTE_MS });
  expect(parked).toEqual({ deliveries: [], nextDueAt: null });
  await store.close();
  expect(counts()).toEqual([['retrying', null, DELIVERIES]]);
  expect(changeAndDie('resume')).toEqual({ outcome: 'changed', isMore: true });
  expect(counts()).toEqual([
    ['retrying', null, DELIVERIES - MAX_CHANGED_AT_ONCE],
    ['retrying', 0, MAX_CHANGED_AT_ONCE],
  ]);
  const reopened = await sqlite(path)();
  await reopened.releaseLeases();
  await reopened.close();
  expect(counts()).toEqual([['retrying', 0, DELIVERIES]]);
});
