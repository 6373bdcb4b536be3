import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../../packages/server/src/testing/push-sink.test-data.ts';
import { API_KEY, startTestBelfry, type TestBelfry } from '../../packages/server/src/testing/test-belfry.test-data.ts';
import { usePostgres } from '../../packages/store/src/postgres/testing/use-postgres.test-data.ts';

const NEXT = readdirSync(new URL('../../packages/store/src/postgres/migrations/', import.meta.url)).length + 1;

const postgres = usePostgres();
let room: Awaited<ReturnType<typeof postgres.room>>;
let server: TestBelfry;

beforeEach(async () => {
  room = await postgres.room();
  server = await startTestBelfry();
  await server.restart({ store: room.open });
});
afterEach(async () => {
  await server.close();
  await room.remove();
});

/** What a newer version does while this process runs: from then on, subscribing fails, and recording results does not. */
async function upgrade(): Promise<void> {
  await postgres.query(`BEGIN; ALTER TABLE ${room.schema}.devices RENAME COLUMN lang TO later_name;
    INSERT INTO ${room.schema}.migrations (number, oldest_reader) VALUES (${NEXT}, ${NEXT}); COMMIT`);
}

test('an old process that cannot go on says so once, drains, and responds 503', async () => {
  const answered = Promise.withResolvers<{ readonly status: number }>();
  server.sink.answer = () => answered.promise;
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  const at = new Date(server.clock.now() + 600_000).toISOString();
  await server.belfry.notify('ada', { title: 'later' }, { at });
  const { id, settled } = await server.belfry.notify('ada', { title: 'in flight' });
  await server.sink.waitFor(1);

  await upgrade();
  const headers = { authorization: `Bearer ${API_KEY}` };
  for (let i = 0; i < 2; i++) {
    const subscribed = await server.post('/subscribe', { body: subscribeAtSink().subscription });
    const sent = await server.post('/send', { headers, body: { to: 'ada', message: { title: 'refused' } } });
    const key = await server.post('/public-key', { method: 'GET' });
    for (const response of [subscribed, sent, key]) {
      expect(response).toMatchObject({ status: 503, body: { error: { id: 'store-newer' } } });
    }
    const notified = server.belfry.notify('ada', { title: 'refused' });
    await expect(notified).rejects.toMatchObject({ id: 'store-newer', status: 503 });
  }
  const errors = server.log.filter((line) => /fault|failed/v.test(line));
  expect(errors).toEqual([expect.stringMatching(/"fault":"store-newer".*start the newer version/v)]);

  // What is in flight is recorded; what is due later is left to the newer version.
  answered.resolve({ status: 201 });
  await settled();
  server.clock.advance(1_200_000);
  await server.belfry.close();
  expect(server.sink.received).toHaveLength(1);
  const messages = await postgres.query(`SELECT id, state FROM ${room.schema}.messages ORDER BY seq`);
  expect(messages).toEqual([
    { id: expect.any(String), state: 'scheduled' },
    { id, state: 'done' },
  ]);
  const leased = await postgres.query(`SELECT 1 FROM ${room.schema}.deliveries WHERE state = 'sending'`);
  expect(leased).toEqual([]);
});
