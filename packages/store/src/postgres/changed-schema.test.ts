import { readFileSync } from 'node:fs';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

async function schemaOf(schema: string) {
  const columns = await used.query(
    `SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default FROM information_schema.columns
     WHERE table_schema = $1 ORDER BY table_name, ordinal_position`,
    [schema],
  );
  const indexes = await used.query('SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1', [
    schema,
  ]);
  return JSON.stringify([columns, indexes]).replaceAll(schema, 'belfry');
}

test('a store that ran 0002 before it was edited opens with its rows, and has the schema of a new one', async () => {
  const [old, fresh] = [await used.room(), await used.room()];
  const rename = 'ALTER TABLE belfry.devices RENAME COLUMN key_mismatch_at TO refused_at;\n';
  const [initial = '', receipts = ''] = ['0001-initial.sql', '0002-receipts.sql'].map((name) =>
    readFileSync(new URL(`./migrations/${name}`, import.meta.url), 'utf8'),
  );
  expect(receipts).toContain(rename);
  const sql = `CREATE SCHEMA belfry; ${initial} ${receipts.replace(rename, '')}
    CREATE TABLE belfry.migrations (number INTEGER PRIMARY KEY, ran_at TIMESTAMPTZ NOT NULL DEFAULT now());
    INSERT INTO belfry.migrations (number) VALUES (1), (2);
    INSERT INTO belfry.users (external_id, created_at) VALUES ('ada', ${NOW});
    INSERT INTO belfry.devices (public_id, user_id, binding, endpoint, push_origin, p256dh, auth, vapid_public_key,
      key_mismatch_at, created_at, updated_at)
    VALUES ('device', 1, 'binding', 'https://push.example.net/1', 'https://push.example.net',
      decode(repeat('00', 65), 'hex'), decode(repeat('00', 16), 'hex'), 'key', ${NOW + 5}, ${NOW}, ${NOW})`;
  await used.query(sql.replace('SCHEMA belfry', `SCHEMA ${old.schema}`).replaceAll('belfry.', `${old.schema}.`));

  for (let i = 0; i < 2; i++) {
    const store = await old.open();
    expect(await store.devicesOfUser(branded('ada'))).toMatchObject([{ publicId: 'device', refusedAt: NOW + 5 }]);
    await store.close();
  }
  await (await fresh.open()).close();
  expect(await schemaOf(old.schema)).toEqual(await schemaOf(fresh.schema));
  for (const room of [old, fresh]) await room.remove();
});
