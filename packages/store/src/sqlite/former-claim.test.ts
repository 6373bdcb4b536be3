import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { saveBesideFormerClaim } from '../contract/former-claim.test-data.ts';
import { sqlite } from './sqlite.ts';

test("nobody keeps a claim to another user's subscription that an earlier version gave them", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'belfry.db');
  const store = await sqlite(path)();
  onTestFinished(() => store.close());
  const database = new DatabaseSync(path, { timeout: 60_000 });
  onTestFinished(() => database.close());
  const saved = await saveBesideFormerClaim(store, ({ from, to }) =>
    database.prepare('UPDATE devices SET endpoint = ? WHERE endpoint = ?').run(to, from),
  );
  expect(saved).toEqual({
    claims: ['endpoint-conflict'],
    ownersOutcome: 'endpoint-conflict',
    renewedOutcome: 'updated',
    isRenewed: true,
  });
});
