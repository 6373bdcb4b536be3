import { expect, test } from 'vitest';
import { type FakePage, fakePage, NOW, SCOPE } from './fake-page.test-data.ts';
import { holdRoute, RECEIPTS_ROUTE } from './fake-server.test-data.ts';
import { createPushClient } from './push-client.ts';

async function enabled(): Promise<FakePage> {
  const page = fakePage();
  await createPushClient(page).enable();
  page.server.requests.splice(0);
  page.calls.splice(0);
  return page;
}

/** Opens a page at this address, and answers the receipts that it sent. */
async function open(page: FakePage, address: string): Promise<unknown[]> {
  page.address = address;
  const client = createPushClient(page);
  const refreshed = client.refresh();
  // At once, before a router looks at it.
  expect(page.address).not.toContain('belfry=');
  await refreshed;
  return page.server.requests.flatMap(({ route, body }) => (route === RECEIPTS_ROUTE ? [body['receipts']] : []));
}

test.each([
  ['/inbox#belfry=m1.abcdefghij012345.', '/inbox', { id: 'm1', action: '' }],
  ['/inbox#belfry=m-1_x.abcdefghij012345.open', '/inbox', { id: 'm-1_x', action: 'open' }],
  ['/inbox?a=1#belfry=m1.abcdefghij012345.mark%20as%26read', '/inbox?a=1', { id: 'm1', action: 'mark as&read' }],
  ['/inbox#top&belfry=m1.abcdefghij012345.', '/inbox#top', { id: 'm1', action: '' }],
  ['/#/inbox?a=1&belfry=m1.abcdefghij012345.a.b', '/#/inbox?a=1', { id: 'm1', action: 'a.b' }],
])('a click that led to %s is reported, and the address is %s then', async (opened, left, click) => {
  const page = await enabled();
  const { deviceSecret = '' } = page.record ?? {};
  const [receipts] = await open(page, `https://app.example${opened}`);
  expect(page.address).toBe(`https://app.example${left}`);
  expect(receipts).toEqual([{ ...click, binding: 'b1 of ada', token: 'abcdefghij012345', kind: 'clicked', at: NOW }]);
  expect(page.server.requests).toContainEqual(
    expect.objectContaining({ body: expect.objectContaining({ deviceId: 'd1', deviceSecret }) }),
  );
  // What the router keeps there stays.
  expect(page.calls).toEqual(['replaceState {"of":"the router"}']);
});

test.each([
  '/inbox',
  '/inbox#top',
  '/inbox?a=1&belfry=m1.abcdefghij012345.open',
  '/inbox#belfry=m1',
  '/inbox#belfry=m1.a&b=2',
])('an address without the mark at the end of its fragment, %s, is left alone', async (path) => {
  const page = await enabled();
  page.address = `https://app.example${path}`;
  await createPushClient(page).refresh();
  expect(page.address).toBe(`https://app.example${path}`);
  expect(page.calls).toEqual([]);
  expect(page.server.requests.map(({ route }) => route)).not.toContain(RECEIPTS_ROUTE);
});

test.each(['/inbox#belfry=m1.', '/inbox#belfry=m1.open', '/inbox#belfry=m1.tooshort.open', '/inbox#belfry=m1..open'])(
  'a link from elsewhere, %s, makes no click: it is stripped and nothing is reported',
  async (path) => {
    const page = await enabled();
    expect(await open(page, `https://app.example${path}`)).toEqual([]);
    expect(page.address).toBe('https://app.example/inbox');
  },
);

test('who is no device has nothing to report, and the address is cleaned all the same', async () => {
  const page = fakePage();
  page.permission = 'granted';
  expect(await open(page, 'https://app.example/inbox#belfry=m1.abcdefghij012345.')).toEqual([]);
  expect(page.address).toBe('https://app.example/inbox');
});

test('a click after the user signed out is not reported', async () => {
  const page = await enabled();
  await createPushClient(page).logout();
  expect(await open(page, 'https://app.example/inbox#belfry=m1.abcdefghij012345.')).toEqual([]);
});

test('a click is taken from the address by whichever method is called first', async () => {
  const page = await enabled();
  page.address = 'https://app.example/inbox#belfry=m1.abcdefghij012345.';
  const identified = createPushClient(page).identify('ada');
  expect(page.address).toBe('https://app.example/inbox');
  await identified;
});

test.each(['hashchange', 'focus'] as const)(
  'a click that finds the page open already is reported at `%s`',
  async (event) => {
    const page = await enabled();
    const client = createPushClient(page);
    await client.refresh();
    const held = holdRoute(page.server, RECEIPTS_ROUTE);
    page.address = `${SCOPE}#belfry=m1.abcdefghij012345.`;
    page.fire(event);
    page.fire(event);
    await held.asked;
    held.release();
    await client.refresh();
    expect(page.server.requests.filter(({ route }) => route === RECEIPTS_ROUTE)).toHaveLength(1);
  },
);

test('what goes wrong with a report is no concern of the page', async () => {
  const page = await enabled();
  page.server.isDown = true;
  await open(page, 'https://app.example/inbox#belfry=m1.abcdefghij012345.');
  page.server.isDown = false;
  // No URI component.
  await open(page, 'https://app.example/inbox#belfry=m1.abcdefghij012345.%E0%A4%A');
  page.storageFailsAfter = 0;
  await open(page, 'https://app.example/inbox#belfry=m1.abcdefghij012345.');
  const tooOften = {
    state: null,
    replaceState: () => {
      throw new DOMException('Attempt to use history.replaceState() more than 100 times', 'SecurityError');
    },
  };
  page.address = 'https://app.example/inbox#belfry=m1.abcdefghij012345.';
  const client = createPushClient({ ...page, environment: { ...page.environment, history: tooOften } });
  expect(await client.refresh()).toEqual({ status: 'on' });
});
