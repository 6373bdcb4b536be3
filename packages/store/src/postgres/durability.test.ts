import { branded } from '@belfry/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { aDevice, anotherOf, aResubscription, NOW, proofOf } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import {
  aPage,
  broadcast,
  leaseAll,
  readPage,
  resultOf,
  saveDevices,
  sendAll,
} from '../contract/broadcast.test-data.ts';
import { ended, sendNow } from '../contract/deliveries.test-data.ts';
import { aReceipt, reportOf } from '../contract/receipts.test-data.ts';
import type { StoreRoom } from '../contract/store-under-test.test-data.ts';
import type { Store } from '../store.ts';
import type { PostgresOptions } from './postgres.ts';
import { findPgBouncer, startPgBouncer } from './testing/start-pgbouncer.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();
const pgBouncer = findPgBouncer();
const cleanUp: (() => Promise<unknown>)[] = [];
let roles = 0;

afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

/** A room whose role has these settings, and the role's url. */
async function roomOfRole(
  settings: Readonly<Record<string, string>>,
  options: Partial<PostgresOptions> = {},
): Promise<{ readonly room: StoreRoom & { readonly schema: string }; readonly url: string }> {
  const role = `role${++roles}`;
  await used.query(`CREATE ROLE ${role} LOGIN PASSWORD 'role'`);
  for (const [name, value] of Object.entries(settings)) await used.query(`ALTER ROLE ${role} SET ${name} = ${value}`);
  const url = Object.assign(new URL(used.server.url), { username: role, password: 'role' }).href;
  const schema = used.server.freshSchema();
  await used.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`);
  const room = await used.room({ url, schema, ...options });
  cleanUp.push(() => room.remove());
  return { room, url };
}

async function open(room: StoreRoom): Promise<Store> {
  const store = await room.open();
  cleanUp.push(() => store.close());
  return store;
}

/** Notes, for each table, what `synchronous_commit` is while a change of it is being committed. */
async function watchCommits(schema: string): Promise<() => Promise<Record<string, unknown>[]>> {
  await used.query(`
    CREATE TABLE ${schema}.commits (changed TEXT, setting TEXT);
    CREATE FUNCTION ${schema}.note() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO ${schema}.commits VALUES (TG_TABLE_NAME, current_setting('synchronous_commit'));
      RETURN NULL;
    END $$`);
  const tables = await used.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('commits', 'migrations')",
    [schema],
  );
  for (const { tablename } of tables) {
    await used.query(`CREATE CONSTRAINT TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ${schema}.${String(tablename)}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.note()`);
  }
  return () => used.query(`SELECT DISTINCT changed, setting FROM ${schema}.commits ORDER BY changed, setting`);
}

/** Every call that writes. */
async function callAll(store: Store): Promise<void> {
  const now = NOW;
  const device = aDevice({ sessionId: branded('session') });
  await store.saveDevice(device);
  await store.saveDevice({ ...anotherOf(device), timeZone: 'Europe/Rome' });
  await saveDevices(store, 4);
  await store.resubscribeDevice(aResubscription(device));
  for (const member of [{ userId: device.userId }, { publicId: device.newPublicId }]) {
    const membership = { topic: branded<string, 'TopicName'>('news'), member };
    await store.joinTopic({ ...membership, now });
    await store.leaveTopic(membership);
  }
  const idempotency = { key: 'key', bodyHash: new Uint8Array(32) };
  const message = aMessage({ idempotency, collapseKey: 'same' });
  const deliveries = await sendNow(store, message);
  await store.saveReceipts(reportOf(device, aReceipt(device, message.id)));
  await store.recordResults(deliveries.map((delivery) => ended(delivery, { state: 'retrying', runAt: now })));
  await store.takeDue({ now, limit: 1, leaseMs: MINUTE_MS });
  await store.releaseLeases();
  const { id } = await broadcast(store);
  for (const lease of await leaseAll(store)) {
    const page = await readPage(store, lease);
    await store.commitPage(aPage(lease, page.slice(0, 2), { isLast: false }));
    const results = [resultOf(page[2], { state: 'retrying', runAt: now })];
    await store.commitPage(aPage(lease, page.slice(2, 3), { isLast: false, results }));
  }
  for (const change of ['pause', 'resume', 'cancel'] as const) await store.changeMessage({ id, change, now });
  await sendAll(store);
  const keys = {
    publicKey: branded<string, 'VapidPublicKey'>('public'),
    privateKey: branded<string, 'VapidPrivateKey'>('private'),
  };
  await store.ensureVapidKeys({ candidate: keys, now });
  await store.addVapidKeys({ keys: { ...keys, publicKey: branded('newer') }, now });
  await store.removeDevice({ device: { publicId: device.newPublicId }, owner: proofOf(device), now });
  await store.endSession({ sessionId: branded('session'), now });
  await store.checkDate({ now, steadyNow: null, isConfirmed: false });
  await store.purge({ steadyNow: now, keepEndedMs: -1, keepGoneMs: -1, limit: 1000 });
}

const TABLES = [
  'chunks',
  'deliveries',
  'devices',
  'idempotency_keys',
  'messages',
  'receipts',
  'topic_devices',
  'topic_users',
  'topics',
  'users',
  'vapid_keys',
];

describe('what a session has while it commits', () => {
  test.for([
    ['off', undefined, 'on'],
    ['local', undefined, 'local'],
    ['remote_write', undefined, 'remote_write'],
    ['on', undefined, 'on'],
    ['remote_apply', undefined, 'remote_apply'],
    ['off', 'database', 'off'],
  ] as const)('synchronous_commit = %s of the role, durability %s: %s', async ([setting, durability, expected]) => {
    const { room } = await roomOfRole({ synchronous_commit: setting }, durability === undefined ? {} : { durability });
    const store = await open(room);
    const commits = await watchCommits(room.schema);
    await callAll(store);
    const seen = await commits();
    expect(new Set(seen.map((row) => row['setting']))).toEqual(new Set([expected]));
    expect(seen.map(({ changed }) => changed)).toEqual(expect.arrayContaining(TABLES));
  });

  test.skipIf(pgBouncer === undefined)('through a transaction pooler too', async () => {
    const { room, url } = await roomOfRole({ synchronous_commit: 'off' });
    const pooler = await startPgBouncer(pgBouncer ?? '', url);
    cleanUp.push(() => pooler.stop());
    const pooled = await used.room({ url: pooler.url, listenUrl: url, schema: room.schema, maxConnections: 1 });
    const store = await open(pooled);
    const commits = await watchCommits(room.schema);
    await callAll(store);
    expect(new Set((await commits()).map(({ setting }) => setting))).toEqual(new Set(['on']));
  });
});

test('nothing that was acknowledged is lost where the server is killed, whatever the role has', async () => {
  const { room } = await roomOfRole({ synchronous_commit: 'off' });
  // Otherwise the server itself writes what it acknowledged to its disk, every 200 ms.
  await used.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
  await used.query('SELECT pg_reload_conf()');
  const store = await open(room);
  const devices = await saveDevices(store, 20);
  const messages = Array.from({ length: 60 }, () => aMessage({ audience: { kind: 'all' } }));
  for (const message of messages) await store.enqueueMessage(message);
  await used.server.crash();
  await used.server.recover();
  const kept = await Promise.all(messages.map(({ id }) => store.messageStatus(id)));
  expect(kept.filter((status) => status !== undefined)).toHaveLength(messages.length);
  expect(await store.devicesOfUser(branded('ada'))).toHaveLength(devices.length);
});

describe('a server that cannot keep what it acknowledges', () => {
  test('is refused: fsync = off', async () => {
    const { room, url } = await roomOfRole({});
    await used.query('ALTER SYSTEM SET fsync = off');
    await used.query('SELECT pg_reload_conf()');
    cleanUp.push(() => used.query('SELECT pg_reload_conf()'));
    cleanUp.push(() => used.query('ALTER SYSTEM RESET fsync'));
    await expect(room.open()).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('fsync = off'),
    });
    await open(await used.room({ url, schema: room.schema, durability: 'database' }));
  });

  test('is refused: it takes no writes', async () => {
    const { room } = await roomOfRole({ default_transaction_read_only: 'on' });
    await expect(room.open()).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('default_transaction_read_only'),
    });
  });
});

test('other settings of the role change nothing', async () => {
  const { room } = await roomOfRole({
    default_transaction_isolation: 'serializable',
    default_transaction_deferrable: 'on',
    search_path: "''",
    lock_timeout: '1',
    statement_timeout: '10000',
    idle_in_transaction_session_timeout: '1',
    bytea_output: 'escape',
    datestyle: "'German'",
    timezone: "'Asia/Kolkata'",
    intervalstyle: "'sql_standard'",
    extra_float_digits: '0',
    standard_conforming_strings: 'off',
  });
  const store = await open(room);
  await callAll(store);
  await saveDevices(store, 20);
  const { id } = await broadcast(store, { devicesPerSecond: 0.1 });
  const sent = await sendAll(store);
  expect(await store.messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: sent.length } });
});
