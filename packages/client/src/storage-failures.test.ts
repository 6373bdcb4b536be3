import { expect, test } from 'vitest';
import { type FakePage, fakePage } from './fake-page.test-data.ts';
import { createPushClient, type PushClient } from './push-client.ts';

// An unhandled rejection fails the run.

const OPERATIONS: Readonly<Record<string, (client: PushClient) => Promise<unknown>>> = {
  refresh: (client) => client.refresh(),
  enable: (client) => client.enable(),
  disable: (client) => client.disable(),
  'identify the same user': (client) => client.identify('ada'),
  'identify another user': (client) => client.identify('bob'),
  logout: (client) => client.logout(),
};

/** Ada's, with a device of a former user that the server has yet to be told of. */
async function enabledForAda(): Promise<FakePage> {
  const page = fakePage();
  page.server.user = 'carol';
  const client = createPushClient(page);
  await client.identify('carol');
  await client.enable();
  page.server.isDown = true;
  await client.identify('ada');
  page.server.isDown = false;
  page.server.user = 'ada';
  await createPushClient(page).identify('ada');
  return page;
}

/** How many calls of the storage an operation makes. */
async function countCalls(operation: (client: PushClient) => Promise<unknown>): Promise<number> {
  const page = await enabledForAda();
  page.storageFailsAfter = 1000;
  await operation(createPushClient(page));
  return 1000 - page.storageFailsAfter;
}

test.each(Object.entries(OPERATIONS))(
  '%s: a failure of the storage at any call is told, and mended',
  async (_, run) => {
    const calls = await countCalls(run);
    expect(calls).toBeGreaterThan(1);
    for (let failing = 0; failing < calls; failing += 1) {
      // oxlint-disable no-await-in-loop -- one page after the other
      const page = await enabledForAda();
      const client = createPushClient(page);
      page.storageFailsAfter = failing;
      await run(client);
      await client.refresh();
      expect(page.storageFailsAfter).toBeLessThan(0);
      await client.identify('ada');
      expect(await client.enable()).toMatchObject({ outcome: 'on' });
      await client.refresh();
      expect(page.record).toMatchObject({
        user: 'ada',
        confirmed: { binding: expect.stringContaining('of ada') },
        leaving: [],
      });
      expect(page.server.devices.filter(({ endpoint }) => endpoint === page.push.subscription?.endpoint)).toHaveLength(
        1,
      );
      // oxlint-enable no-await-in-loop
    }
  },
);

test('a first enable() whose record cannot be kept is told, and asks nothing of the server', async () => {
  const page = fakePage();
  page.storageFailsAfter = 0;
  const client = createPushClient(page);
  expect(await client.enable()).toMatchObject({ outcome: 'failed', error: { code: 'storage-failed' } });
  expect(client.state).toEqual({ status: 'broken', reason: 'storage-failed' });
  expect(page.server.requests).toEqual([]);
  expect(await client.enable()).toMatchObject({ outcome: 'on' });
});
