import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { connectClient } from '../fixtures/autopush-client.test-data.ts';
import { request } from '../fixtures/push-sender.test-data.ts';
import { startedService } from '../fixtures/started-service.test-data.ts';
import { MIGRATIONS } from '../store/schema.ts';

test('a user agent that comes back to many messages is sent them as fast as it takes them', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-push-service-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const uaid = '0'.repeat(32);
  const database = new DatabaseSync(join(dataDir, 'push-service.db'));
  // 5000 messages are 27 MB on the wire: more than the buffers between two processes hold.
  database.exec(`${MIGRATIONS.join('')} PRAGMA user_version = ${MIGRATIONS.length};
    INSERT INTO channels (token, uaid, channel_id) VALUES ('AAAA', '${uaid}', '00000000-0000-4000-8000-000000000000');
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
    INSERT INTO messages (id, token, urgency, body, expires_at)
    SELECT 'message-' || n, 'AAAA', 'normal', zeroblob(4096), ${Date.now() + 600_000} FROM numbers;`);
  database.close();

  const service = await startedService({ dataDir });
  const client = await connectClient(service.autopushUrl);
  await client.hello(uaid);
  client.pause();
  // It was not sent yet, so it can still be taken back.
  const { status } = await request(service, `${service.endpointOrigin}/m/message-5000`, { method: 'DELETE' });
  expect(status).toBe(204);
  client.resume();
  const versions: string[] = [];
  for (let count = 1; count < 5000; count += 1) versions.push((await client.next()).version);
  expect(versions).toEqual(Array.from({ length: 4999 }, (_, index) => `message-${index + 1}`));
  expect(await client.ping()).toBe('pong');
});
