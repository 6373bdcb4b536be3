import { readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { aMessage } from '../a-message.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import type { PostgresEffects } from './effects.ts';
import { postgres } from './postgres.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

/** The schema number that this version knows. */
const KNOWN = readdirSync(new URL('./migrations/', import.meta.url)).length;

const used = usePostgres();
let room: Awaited<ReturnType<typeof used.room>>;
let store: Store;
let faults: StoreError[];
/** The looks of the work channel, which the test makes happen. */
let looks: (() => void)[];

beforeEach(async () => {
  room = await used.room();
  faults = [];
  looks = [];
  const effects: PostgresEffects = {
    after(delayMs, callback) {
      if (delayMs === 5_000) looks.push(callback);
      return () => {};
    },
    randomId: () => randomUUID(),
  };
  store = await postgres({ url: used.server.url, schema: room.schema }, effects)({ onFault: (f) => faults.push(f) });
});
afterEach(async () => {
  await store.close();
  await room.remove();
});

/** What a newer version does in one transaction. */
async function migrateFurther({
  oldestReader,
  sql = '',
}: {
  readonly oldestReader: number | null;
  readonly sql?: string;
}) {
  await used.query(`BEGIN; ${sql.replaceAll('belfry.', `${room.schema}.`)};
    INSERT INTO ${room.schema}.migrations (number, oldest_reader) VALUES (${KNOWN + 1}, ${oldestReader ?? 'NULL'}); COMMIT`);
}

const refused = { code: 'store-newer', message: expect.stringContaining('start the newer version') };
const RENAME = 'ALTER TABLE belfry.devices RENAME COLUMN refused_at TO later_name';

test('a process whose queries fail because a newer version has changed the schema takes no more calls, and says so once', async () => {
  await store.saveDevice(aDevice());
  await migrateFurther({ oldestReader: KNOWN + 1, sql: RENAME });
  const calls = [store.devicesOfUser(branded('ada')), store.saveDevice(aDevice())];
  for (const call of calls) await expect(call).rejects.toMatchObject(refused);
  // This one would still work.
  await expect(store.vapidKeys()).rejects.toMatchObject(refused);
  expect(faults).toMatchObject([refused]);
});

test('what such a process has in flight is recorded, and its leases are given back', async () => {
  await Promise.all([store.saveDevice(aDevice()), store.saveDevice(aDevice())]);
  const message = aMessage();
  const [sent] = await sendNow(store, message);
  await migrateFurther({ oldestReader: KNOWN + 1, sql: 'ALTER TABLE belfry.vapid_keys RENAME TO later_name' });
  await expect(store.vapidKeys()).rejects.toMatchObject(refused);
  await store.recordResults([ended(sent, { state: 'accepted' })]);
  expect(await store.releaseLeases()).toBe(1);
  const states = await used.query(`SELECT state FROM ${room.schema}.deliveries ORDER BY state`);
  expect(states).toEqual([{ state: 'accepted' }, { state: 'retrying' }]);
});

test('a column that somebody else removed fails the calls that use it, until it is back', async () => {
  await used.query(RENAME.replace('belfry.', `${room.schema}.`));
  await expect(store.devicesOfUser(branded('ada'))).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('refused_at'),
  });
  await used.query(`ALTER TABLE ${room.schema}.devices RENAME COLUMN later_name TO refused_at`);
  expect(await store.devicesOfUser(branded('ada'))).toEqual([]);
  expect(faults).toEqual([]);
});

test('a running process looks every five seconds whether a newer schema admits it', async () => {
  store.onWork(() => {});
  await migrateFurther({ oldestReader: KNOWN });
  looks.shift()?.();
  await store.saveDevice(aDevice());
  await used.query(`UPDATE ${room.schema}.migrations SET oldest_reader = ${KNOWN + 1} WHERE number > ${KNOWN}`);
  looks.shift()?.();
  await expect.poll(() => faults, { timeout: 60_000 }).toMatchObject([refused]);
  looks.shift()?.();
  await expect(store.saveDevice(aDevice())).rejects.toMatchObject(refused);
  expect(faults).toHaveLength(1);
});

test('a process restarts on a newer schema that admits it, and works with its older queries', async () => {
  await migrateFurther({ oldestReader: KNOWN, sql: 'ALTER TABLE belfry.devices ADD COLUMN later TEXT' });
  const restarted = await room.open();
  expect(await restarted.saveDevice(aDevice())).toMatchObject({ outcome: 'created' });
  expect(await restarted.devicesOfUser(branded('ada'))).toHaveLength(1);
  await restarted.close();
  const numbers = await used.query(`SELECT max(number) AS newest FROM ${room.schema}.migrations`);
  expect(numbers).toEqual([{ newest: KNOWN + 1 }]);
});

test.each([
  ['a newer reader', KNOWN + 1],
  ['nothing', null],
])('a process does not start on a newer schema that says %s', async (_demand, oldestReader) => {
  await migrateFurther({ oldestReader });
  await expect(room.open()).rejects.toMatchObject(refused);
});
