import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aMessage } from '../a-message.test-data.ts';
import { startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';
import { WAL_LIMIT_BYTES } from './wal-bound.ts';

test('a WAL that grew while another process read is cut when the reader has gone', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-wal-'));
  const path = join(folder, 'belfry.db');
  const store = await sqlite(path)();
  const walBytes = () => statSync(`${path}-wal`).size;
  const reader = startOther();
  await reader.ask('read', path);
  const content = JSON.stringify({ text: 'x'.repeat(200_000) });
  while (walBytes() < 2 * WAL_LIMIT_BYTES) {
    await Promise.all(
      Array.from({ length: 20 }, () => store.enqueueMessage(aMessage({ content, audience: { kind: 'all' } }))),
    );
  }
  await reader.ask('endReading', path);
  // No commit comes any more.
  await expect.poll(walBytes, { timeout: 120_000, interval: 100 }).toBeLessThanOrEqual(WAL_LIMIT_BYTES);
  await reader.kill();
  await store.close();
  await rm(folder, { recursive: true });
});
