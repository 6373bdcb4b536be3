import { expect, onTestFinished, test } from 'vitest';
import { saveBesideFormerClaim } from '../contract/former-claim.test-data.ts';
import { openClient } from './testing/lock-waits.test-data.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

test("nobody keeps a claim to another user's subscription that an earlier version gave them", async () => {
  const room = await used.room();
  onTestFinished(() => room.remove());
  const store = await room.open();
  onTestFinished(() => store.close());
  const client = await openClient(used);
  onTestFinished(() => client.end());
  const saved = await saveBesideFormerClaim(store, ({ from, to }) =>
    client.query(`UPDATE "${room.schema}".devices SET endpoint = $1 WHERE endpoint = $2`, [to, from]),
  );
  expect(saved).toEqual({
    claims: ['endpoint-conflict'],
    ownersOutcome: 'endpoint-conflict',
    renewedOutcome: 'updated',
    isRenewed: true,
  });
});
