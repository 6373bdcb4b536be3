import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { openClient } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

test('a transaction that waits too long for a lock is undone, and its connection is free again', async () => {
  await used.query('CREATE TABLE public.things (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL DEFAULT 0)');
  await used.query('INSERT INTO public.things (id) VALUES (1), (2)');
  const database = openDatabase({
    url: used.server.url,
    schema: 'public',
    maxConnections: 1,
    durability: 'disk',
    timeouts: { connectMs: 60_000, queryMs: 60_000, lockMs: 100 },
    effects: { after: () => () => {}, randomId: () => 'store' },
  });
  const other = await openClient(used);
  await other.query('BEGIN; SELECT 1 FROM things WHERE id = 2 FOR UPDATE');
  const change = database.prepare('UPDATE belfry.things SET changes = changes + 1 WHERE id = $1');
  const changeBoth = () =>
    database.transaction(async ({ rows }) => {
      await rows(change, 1);
      await rows(change, 2);
    });
  await expect(changeBoth()).rejects.toMatchObject({ code: 'store-busy' });
  await other.query('COMMIT');
  await changeBoth();
  const changes = await database.read(database.prepare('SELECT changes FROM belfry.things ORDER BY id'));
  expect(changes).toEqual([[1], [1]]);
  await Promise.all([other.end(), database.close()]);
});
