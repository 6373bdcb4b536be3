import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { branded, generateVapidKeys } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDevice, NOW } from '../a-device.test-data.ts';
import { MINUTE_MS, toUsers } from '../a-message.test-data.ts';
import { queue, saveDevices, sendAll, toPlan } from '../contract/broadcast.test-data.ts';
import { there } from '../contract/deliveries.test-data.ts';
import type { MessageId } from '../ids.ts';
import { usePostgres } from '../postgres/testing/use-postgres.test-data.ts';
import { preparePlanMessage } from '../sqlite/operations/plan-message.ts';
import { sqlite } from '../sqlite/sqlite.ts';
import type { Store } from '../store.ts';
import { type CopyProgress, copyStore } from './copy-store.ts';
import { fillStore, HOUR_MS, USERS } from './filled-store.test-data.ts';
import { TABLE_PLANS } from './table-plan.ts';

const database = usePostgres();
let folder: string;
let path: string;
let schema: string;
const opened: Store[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-copy-'));
  path = join(folder, 'belfry.db');
  schema = database.server.freshSchema();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(folder, { recursive: true });
});

async function open(kind: 'sqlite' | 'postgres'): Promise<Store> {
  const store = await (kind === 'sqlite' ? sqlite(path) : (await database.room({ schema })).open)();
  opened.push(store);
  return store;
}

const copy = (change: Partial<Parameters<typeof copyStore>[0]> = {}) =>
  copyStore({ from: path, to: { url: database.server.url, schema }, ...change });

async function rowsOf(table: string): Promise<unknown> {
  const [row] = await database.query(`SELECT count(*)::integer AS rows FROM "${schema}".${table}`);
  return row?.['rows'];
}

async function hasSchema(): Promise<boolean> {
  const [row] = await database.query('SELECT to_regnamespace($1) IS NOT NULL AS is_there', [schema]);
  return row?.['is_there'] === true;
}

/** What a server reads of a store, in one value. */
async function readAll(store: Store, messageIds: readonly MessageId[]) {
  const all = <Item, Answer>(items: readonly Item[], ask: (item: Item) => Promise<Answer>) =>
    Promise.all(items.map(ask));
  const devices = (await all(USERS, (userId) => store.devicesOfUser(userId))).flat();
  return {
    devices,
    userTopics: await all(USERS, (userId) => store.topicsOf({ userId })),
    deviceTopics: await all(devices, ({ publicId }) => store.topicsOf({ publicId })),
    messages: await all(messageIds, (id) => store.messageStatus(id)),
    toPlan: await store.messagesToPlan({ now: NOW + 48 * HOUR_MS, limit: 100 }),
    zones: new Set(await store.timeZones()),
    keys: [await store.vapidKeys(), new Set(await store.vapidKeysInUse())],
  };
}

async function takeAll(store: Store) {
  const { deliveries } = await store.takeDue({ now: NOW + HOUR_MS, limit: 100, leaseMs: 1000 });
  expect(deliveries).toHaveLength(3);
  return deliveries.toSorted((one, other) => one.message.seq - other.message.seq || one.device.id - other.device.id);
}

describe('a store that a server has open', () => {
  test('is copied as it is, and what was being sent is due', async () => {
    const source = await open('sqlite');
    const { messageIds } = await fillStore(source);
    const report = await copy();
    expect(report.isInUse).toBe(true);
    expect(Object.fromEntries(report.tables.map(({ table, rows }) => [table, rows]))).toMatchObject({
      users: 5,
      devices: 49,
      messages: 7,
      topic_users: 1,
      topic_devices: 1,
      receipts: 2,
      vapid_keys: 2,
      idempotency_keys: 1,
    });
    for (const { table, rows } of report.tables) expect([table, await rowsOf(table)]).toEqual([table, rows]);
    // The first of a kind, and no time after that of the server.
    expect(await database.query(`SELECT kind, action, at::float FROM "${schema}".receipts ORDER BY kind`)).toEqual([
      { kind: 'clicked', action: 'réponse 🔔', at: NOW },
      { kind: 'shown', action: null, at: NOW - 2 },
    ]);

    // What a server does at its start, where a dead one may have had leases.
    await source.releaseLeases();
    const target = await open('postgres');
    expect(await readAll(target, messageIds)).toEqual(await readAll(source, messageIds));
    expect(await takeAll(target)).toEqual(await takeAll(source));
    const lease = { now: NOW, limit: 10, leaseMs: 1000, exceptOrigins: [] };
    const leased = await target.leaseChunks(lease);
    expect(leased).toEqual(await source.leaseChunks(lease));
    const [chunk] = leased.leases;
    const page = { chunkId: chunk?.id ?? branded(0), after: chunk?.cursor ?? branded(0), limit: 10 };
    expect(await target.readPage(page)).toEqual(await source.readPage(page));
  });

  test('has a message that is being planned, which the copy plans on for the other devices', async () => {
    const source = await open('sqlite');
    const devices = await saveDevices(source, 12);
    const message = await queue(source, { audience: toUsers('ada'), runAt: NOW + 1 });
    const { seq } = there((await toPlan(source, NOW + 1))[0]);
    const plan = { seq, now: NOW + 1, zones: null };
    const other = new DatabaseSync(path);
    expect(preparePlanMessage(other)({ ...plan, limit: 5 })).toBe('more');
    other.close();
    await copy();
    const target = await open('postgres');
    // The deliveries that were copied are due, and wait for the plan.
    const dueRequest = { now: NOW + 1, limit: 10, leaseMs: MINUTE_MS };
    expect(await target.takeDue(dueRequest)).toEqual({ deliveries: [], nextDueAt: NOW + 1 });
    expect(await target.planMessage(plan)).toBe(true);
    expect(await sendAll(target, NOW + 1)).toEqual(devices.map(({ endpoint }) => endpoint).toSorted());
    expect(await target.messageStatus(message.id)).toMatchObject({ state: 'done', deliveries: { accepted: 12 } });
  });

  test('is gone on with: nobody is missed and nobody gets a message twice', async () => {
    const { endpoints, sentTo, waiting, broadcastId } = await fillStore(await open('sqlite'));
    await copy();
    const target = await open('postgres');
    expect(await target.messageStatus(broadcastId)).toMatchObject({
      state: 'fanning-out',
      deliveries: { accepted: 18, rejected: 1, retrying: 1 },
    });
    const sent = await sendAll(target, NOW + HOUR_MS);
    expect([...sent, ...sentTo].toSorted()).toEqual([...endpoints, ...waiting].toSorted());
    expect(await target.messageStatus(broadcastId)).toMatchObject({
      state: 'done',
      deliveries: { accepted: endpoints.length - 1, rejected: 1 },
    });
  });

  test('gives out numbers where SQLite stopped, and knows its idempotency keys', async () => {
    const source = await open('sqlite');
    const { repeated } = await fillStore(source);
    await copy();
    const target = await open('postgres');
    const device = aDevice({ userId: branded('new') });
    await target.saveDevice(device);
    const [saved] = await target.devicesOfUser(branded('new'));
    await source.saveDevice(device);
    const [inSource] = await source.devicesOfUser(branded('new'));
    // One that was removed had the number after the last that is there.
    expect(saved?.id).toBe(inSource?.id);
    // The age of a key is counted by PostgreSQL's clock.
    await (await database.room({ schema })).setClock?.(NOW);
    expect(await target.enqueueMessage({ ...repeated, id: branded('another') })).toEqual({
      outcome: 'repeated',
      id: repeated.id,
      devices: 0,
    });
  });

  test('may be written to meanwhile: the copy is as the store was when it began', async () => {
    const source = await open('sqlite');
    const before = await saveDevices(source, 2500, { userId: branded('bob') });
    const other = new DatabaseSync(path);
    const written: Promise<unknown>[] = [];
    await copy({
      onProgress({ table }) {
        if (table !== 'users') return;
        other.exec("DELETE FROM devices WHERE id <= 100; UPDATE devices SET lang = 'xx'");
        for (let i = 0; i < 100; i++) written.push(source.saveDevice(aDevice({ userId: branded('late') })));
      },
    });
    other.close();
    expect(await Promise.all(written)).toHaveLength(100);
    expect(await source.devicesOfUser(branded('late'))).toHaveLength(100);
    const target = await open('postgres');
    expect(await target.devicesOfUser(branded('late'))).toEqual([]);
    const copied = await target.devicesOfUser(branded('bob'));
    expect(copied.map(({ endpoint }) => endpoint).toSorted()).toEqual(
      before.map(({ endpoint }) => endpoint).toSorted(),
    );
    expect(new Set(copied.map(({ lang }) => lang))).toEqual(new Set([null]));
  });
});

test('a store that nobody has open is copied too, and told from one in use', async () => {
  const source = await open('sqlite');
  await fillStore(source);
  await source.close();
  expect(await copy()).toMatchObject({ isInUse: false });
  expect(await rowsOf('devices')).toBe(49);
});

describe('nothing is copied', () => {
  test('into a schema that has rows, be it only a server’s keys', async () => {
    await fillStore(await open('sqlite'));
    const target = await open('postgres');
    const { publicKey, privateKey } = await target.ensureVapidKeys({
      candidate: generateVapidKeys(),
      now: NOW,
    });
    const refused = { code: 'store-failed', message: expect.stringContaining('vapid_keys has rows') };
    await expect(copy()).rejects.toMatchObject(refused);
    await expect(copy({ isDryRun: true })).rejects.toMatchObject(refused);
    expect(await target.vapidKeys()).toEqual([{ publicKey, privateKey }]);
    expect(await rowsOf('devices')).toBe(0);
  });

  test('twice', async () => {
    await fillStore(await open('sqlite'));
    await copy();
    await expect(copy()).rejects.toMatchObject({ message: expect.stringContaining('users has rows') });
    expect(await rowsOf('devices')).toBe(49);
  });

  test.each([
    ['a file that is not there', undefined, 'store-failed', /There is no file .*belfry\.db/],
    ['a file that is no Belfry store', 'PRAGMA user_version = 0', 'store-failed', /is not a Belfry store/],
    ['an older store', 'PRAGMA user_version = 2', 'store-failed', /start a server of this version on it once/],
    ['a newer store', 'PRAGMA user_version = 999', 'store-newer', /999.*copy it with the newer version/],
  ])('of %s, and no schema is made', async (_what, sql, code, message) => {
    if (sql !== undefined) {
      const other = new DatabaseSync(path);
      other.exec(`CREATE TABLE any_table (id INTEGER) STRICT; ${sql}`);
      other.close();
    }
    await expect(copy()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await hasSchema()).toBe(false);
  });

  test('where it was stopped on the way, and it can be begun again', async () => {
    await fillStore(await open('sqlite'));
    const stop = new AbortController();
    const onProgress = ({ table }: CopyProgress) => table === 'chunks' && stop.abort();
    await expect(copy({ signal: stop.signal, onProgress })).rejects.toMatchObject({
      message: expect.stringContaining('stopped'),
    });
    for (const { name } of TABLE_PLANS) expect(await rowsOf(name)).toBe(0);
    await copy();
    expect(await rowsOf('devices')).toBe(49);
  });

  test('where other rows arrive than were sent', async () => {
    await fillStore(await open('sqlite'));
    await (await open('postgres')).close();
    await database.query(`
      CREATE FUNCTION "${schema}".change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.id = 7 THEN NEW.lang = 'xx'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER change BEFORE INSERT ON "${schema}".devices FOR EACH ROW EXECUTE FUNCTION "${schema}".change()`);
    await expect(copy()).rejects.toMatchObject({ message: expect.stringMatching(/^devices has 49 rows/) });
    expect(await rowsOf('users')).toBe(0);
  });

  test('of a text that PostgreSQL cannot hold, which is told where it is and not what it is', async () => {
    const source = await open('sqlite');
    await source.saveDevice(aDevice({ userId: branded('secret\0id') }));
    await expect(copy()).rejects.toMatchObject({
      message: expect.stringMatching(/^users\.external_id has a NUL character where id is 1, which PostgreSQL/),
    });
  });

  test('where the database cannot be reached, and the url stays a secret', async () => {
    await fillStore(await open('sqlite'));
    const wrong = new URL(database.server.url);
    wrong.password = 'another-password';
    for (const url of [wrong.href, 'postgres://user:another-password@[broken/', 'another-password']) {
      const failure = await copy({ to: { url, schema } }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'StoreError', code: 'store-failed' });
      expect(String(failure)).not.toContain('another-password');
    }
  });

  test('in a dry run, which counts', async () => {
    await fillStore(await open('sqlite'));
    const { tables, isInUse } = await copy({ isDryRun: true });
    expect(isInUse).toBe(true);
    expect(tables).toContainEqual({ table: 'devices', rows: 49, checksum: null });
    expect(await hasSchema()).toBe(false);
  });
});

test('every table and column of both schemas is copied, but for who owns the store, who leases what and which sessions ended', async () => {
  await (await open('sqlite')).close();
  await (await open('postgres')).close();
  const planned = TABLE_PLANS.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column.name}`));
  const source = new DatabaseSync(path);
  const inSqlite = source
    .prepare(`
      SELECT s.name || '.' || c.name AS name FROM sqlite_schema s, pragma_table_info(s.name) c
      WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' AND s.name <> 'owner'`)
    .all()
    .map(({ name }) => String(name));
  source.close();
  expect(planned.toSorted()).toEqual(inSqlite.toSorted());
  const rows = await database.query(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = $1`,
    [schema],
  );
  const own = /^(?:migrations|ended_sessions)\.|\.leased_(by|until)$/;
  const inPostgres = rows.map(({ name }) => String(name)).filter((name) => !own.test(name));
  expect(planned.toSorted()).toEqual(inPostgres.toSorted());
});
