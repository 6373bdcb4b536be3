import { chmodSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openMessageLog } from './message-log.ts';

test('what people write is readable for the user of the server alone, also where the files exist with wider modes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-chat-'));
  const umask = process.umask(0);
  try {
    for (let start = 0; start < 2; start++) {
      const log = openMessageLog(join(folder, 'chat.db'));
      log.add({ from: 'ada', to: 'bob', text: 'Hello', at: 0 });
      const files = readdirSync(folder);
      expect(files).toHaveLength(3);
      expect(files.map((file) => statSync(join(folder, file)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
      log.close();
      chmodSync(join(folder, 'chat.db'), 0o644);
    }
  } finally {
    process.umask(umask);
    await rm(folder, { recursive: true });
  }
});
