import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { broadcast, endpointsOf, saveDevices, sendAll } from '../contract/broadcast.test-data.ts';
import { postgres } from './postgres.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

test('a store of a newer version is refused, and left as it is', async () => {
  const room = await used.room();
  await (await room.open()).close();
  await used.query(`INSERT INTO "${room.schema}".migrations (number) VALUES (999)`);
  await expect(room.open()).rejects.toMatchObject({ code: 'store-newer', message: expect.stringContaining('999') });
  expect(await used.query(`SELECT max(number) AS newest FROM "${room.schema}".migrations`)).toEqual([{ newest: 999 }]);
  await room.remove();
});

test('several processes may open a store that is not there yet, at the same moment', async () => {
  const room = await used.room();
  const stores = await Promise.all(Array.from({ length: 5 }, () => room.open()));
  await Promise.all(stores.map((store) => store.saveDevice(aDevice())));
  expect(await stores[0]?.devicesOfUser(branded('ada'))).toHaveLength(5);
  await Promise.all(stores.map((store) => store.close()));
  await room.remove();
});

test('a schema may have any name, and stores in two schemas know nothing of each other', async () => {
  const rooms = await Promise.all(
    ['we"ird $& schema.üñ', `${'long'.repeat(15)}123`].map((schema) => used.room({ schema })),
  );
  const stores = await Promise.all(rooms.map((room) => room.open()));
  for (const store of stores) {
    const devices = await saveDevices(store, 3);
    await broadcast(store);
    expect(await sendAll(store)).toEqual(endpointsOf(devices));
  }
  await Promise.all(stores.map((store) => store.close()));
  await Promise.all(rooms.map((room) => room.remove()));
});

test('a role that may not make schemas uses the one that was made for it', async () => {
  const schema = used.server.freshSchema();
  await used.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await used.query(`CREATE SCHEMA ${schema} AUTHORIZATION app`);
  const url = new URL(used.server.url);
  url.username = 'app';
  url.password = 'app';
  const room = await used.room({ url: url.href, schema });
  const store = await room.open();
  expect(await store.saveDevice(aDevice())).toMatchObject({ outcome: 'created' });
  await store.close();
  const elsewhere = await used.room({ url: url.href });
  await expect(elsewhere.open()).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('permission denied'),
  });
  await room.remove();
});

test.for([
  ['a wrong password', { password: 'let-me-in' }, 'password authentication failed'],
  ['a database that is not there', { pathname: '/nowhere' }, '"nowhere" does not exist'],
] as const)('%s is said at once', async ([, change, said]) => {
  const url = Object.assign(new URL(used.server.url), change);
  const error: unknown = await postgres({ url: url.href })().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'store-failed', message: expect.stringContaining(said) });
  expect(error).not.toHaveProperty('cause');
  expect(String(error)).not.toContain(url.password);
});

test('a url that is none is refused without being repeated', async () => {
  const error: unknown = await postgres({ url: 'postgres://user:s3cret@[/' })().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'store-failed' });
  expect(error).not.toHaveProperty('cause');
  expect(String(error)).not.toContain('s3cret');
});
