import { expect, test } from 'vitest';
import { Client } from 'pg';
import { aDevice, proofOf } from '../a-device.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

test('proofs are answered while all other connections wait for something', async () => {
  const room = await used.room({ maxConnections: 2 });
  const store = await room.open();
  const device = aDevice();
  await store.saveDevice(device);
  const holding = new Client(used.server.url);
  await holding.connect();
  await holding.query(`BEGIN; LOCK TABLE "${room.schema}".devices IN EXCLUSIVE MODE`);
  const saving = Array.from({ length: 10 }, () => store.saveDevice(aDevice()));
  expect(await store.proveDevice(proofOf(device))).toBe(device.userId);
  await holding.query('COMMIT');
  await holding.end();
  await Promise.all(saving);
  await store.close();
  await room.remove();
});

test('a flood of proofs leaves the connections of the other calls alone', async () => {
  const room = await used.room({ maxConnections: 1 });
  const store = await room.open();
  const device = aDevice();
  await store.saveDevice(device);
  const holding = new Client(used.server.url);
  await holding.connect();
  // Two proofs keep their connections waiting, and the others wait behind them.
  await holding.query(`BEGIN; LOCK TABLE "${room.schema}".devices IN ACCESS EXCLUSIVE MODE`);
  const proofs = Array.from({ length: 100 }, () => store.proveDevice(proofOf(device)));
  expect(await store.vapidKeys()).toEqual([]);
  await holding.query('COMMIT');
  await holding.end();
  expect(new Set(await Promise.all(proofs))).toEqual(new Set([device.userId]));
  await store.close();
  await room.remove();
});
