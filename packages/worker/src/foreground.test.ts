import { describe, expect, test } from 'vitest';
import { LONG_MS, fakePush, push } from './fake-events.test-data.ts';
import type { FakePageOptions } from './fake-page.test-data.ts';
import { CHROMIUM, FIREFOX, fakeScope, WEBKIT } from './fake-scope.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';
import { handlePush } from './handle-push.ts';

const message = (id: string, envelope: object = {}) => ({
  notification: {
    title: 'Title',
    body: 'Body',
    navigate: '/there',
    actions: [{ action: 'a', title: 'A', navigate: '/a' }],
    data: {
      belfry: { v: 1, id, binding: 'b1', seq: 1, type: 'chat', payload: [1], category: 'c', ...envelope },
      data: 7,
    },
  },
});
const claims = { focused: true, claimsAfterMs: 0 };

test('a page that claims the message gets it, in place of the notification', async () => {
  const fake = fakeScope({ device: DEVICE, pages: [claims] });
  const handled: unknown[] = [];
  fake.deps.onPush['*'] = (each) => void handled.push(each);
  await push(fake, message('m1'));
  expect(fake.pages[0]?.questions).toEqual([{ belfry: 'message', type: 'chat' }]);
  expect(fake.pages[0]?.given).toEqual([
    {
      id: 'm1',
      type: 'chat',
      payload: [1],
      category: 'c',
      notification: {
        title: 'Title',
        body: 'Body',
        url: '/there',
        tag: 'belfry:m1',
        actions: [{ action: 'a', title: 'A', url: '/a' }],
      },
      data: 7,
    },
  ]);
  expect(fake.calls).toEqual([]);
  expect(handled).toEqual([]);
  expect(fake.server.requests).toMatchObject([{ body: { receipts: [{ id: 'm1', kind: 'received' }] } }]);
});

test('a message without a notification is offered too, and is none where a page takes it', async () => {
  const fake = fakeScope({ device: DEVICE, pages: [claims] });
  const belfry = { v: 1, id: 'm1', binding: 'b1', seq: 1 };
  await push(fake, { type: 'cache.stale', payload: { key: 'x' }, app_badge: 2, belfry });
  const { given } = fake.pages[0] ?? {};
  expect(given).toEqual([{ id: 'm1', type: 'cache.stale', payload: { key: 'x' }, notification: null, data: null }]);
  expect(fake.calls).toEqual([['setAppBadge', 2]]);
});

test('a message without a type is offered as such', async () => {
  const fake = fakeScope({ device: DEVICE, pages: [claims] });
  await push(fake, message('m1', { type: undefined }));
  expect(fake.pages[0]?.questions).toEqual([{ belfry: 'message', type: null }]);
});

describe('without a page that takes it, it is shown:', () => {
  test.each<[string, readonly FakePageOptions[]]>([
    ['no page is open', []],
    ['no page claims it', [{ focused: true }]],
    ['the page that would is not visible', [{ claimsAfterMs: 0, visible: false }]],
    ['the page claims it too late', [{ claimsAfterMs: 501 }]],
  ])('%s', async (_what, pages) => {
    const fake = fakeScope({ device: DEVICE, pages });
    await push(fake, message('m1'));
    expect(fake.screen).toMatchObject([{ title: 'Title' }]);
    expect(fake.pages.flatMap(({ given }) => given)).toEqual([]);
  });

  test('what the page answers is no claim', async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{}] });
    const { ask } = fake.deps;
    const deps = {
      ...fake.deps,
      ask(...question: Parameters<typeof ask>) {
        const port = ask(...question);
        fake.clock.setTimeout(() => port.onmessage?.(new MessageEvent('message', { data: 'hello' })), 1);
        return port;
      },
    };
    handlePush(fakePush(message('m1')), deps);
    await fake.clock.pass(LONG_MS);
    expect(fake.screen).toHaveLength(1);
  });

  test("it is another sender's, which pages are not asked about", async () => {
    const fake = fakeScope({ device: DEVICE, pages: [claims] });
    await push(fake, { title: 'Hi', type: 'chat' });
    expect([fake.screen.length, fake.pages[0]?.questions]).toEqual([1, []]);
  });
});

describe('of several pages', () => {
  // As `matchAll` answers them: the focused one, else the one that was last, first.
  test.each<[string, readonly FakePageOptions[], number]>([
    ['the first gets it', [{ claimsAfterMs: 0 }, { claimsAfterMs: 0 }], 0],
    ['the first gets it, if it is slower too', [{ claimsAfterMs: 400 }, { claimsAfterMs: 0 }], 0],
    ['the second gets it where the first does not claim it', [{}, { claimsAfterMs: 300 }, { claimsAfterMs: 0 }], 1],
    ['the second gets it where the first is too slow', [{ claimsAfterMs: 600 }, { claimsAfterMs: 0 }], 1],
  ])('%s, and no other', async (_what, pages, expected) => {
    const fake = fakeScope({ device: DEVICE, pages });
    await push(fake, message('m1'));
    expect(fake.pages.map(({ given }) => given.length)).toEqual(pages.map((_page, n) => (n === expected ? 1 : 0)));
  });

  test('nobody is waited for once the best has claimed it', async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{ claimsAfterMs: 3 }, {}] });
    handlePush(fakePush(message('m1')), fake.deps);
    await fake.clock.pass(3);
    expect(fake.pages[0]?.given).toHaveLength(1);
  });
});

describe('foreground', () => {
  test("'notification': pages are not asked", async () => {
    const fake = fakeScope({ device: DEVICE, pages: [claims] });
    await push(fake, message('m1', { foreground: 'notification' }));
    expect([fake.screen.length, fake.pages[0]?.questions]).toEqual([1, []]);
  });

  test("'both': the page gets it, and it is shown", async () => {
    const fake = fakeScope({ device: DEVICE, pages: [claims] });
    await push(fake, message('m1', { foreground: 'both' }));
    expect([fake.screen.length, fake.pages[0]?.given.length]).toEqual([1, 1]);
    expect(fake.server.requests).toMatchObject([{ body: { receipts: [{ kind: 'shown' }] } }]);
  });
});

describe('a notification is left out', () => {
  async function shownOf(count: number, userAgent: string, everyMs = 0) {
    const fake = fakeScope({ device: DEVICE, pages: [claims], userAgent });
    for (let n = 0; n < count; n++) {
      handlePush(fakePush(message(`m${n}`)), fake.deps);
      await fake.clock.pass(everyMs);
    }
    await fake.clock.pass(LONG_MS);
    expect(fake.pages[0]?.given).toHaveLength(count);
    return fake;
  }

  test('any number of times in Chromium', async () => {
    expect((await shownOf(20, CHROMIUM)).screen).toHaveLength(0);
  });

  test('never in WebKit', async () => {
    expect((await shownOf(3, WEBKIT)).screen).toHaveLength(3);
  });

  test('8 times in a minute in Firefox, in a burst too', async () => {
    expect((await shownOf(12, FIREFOX)).screen).toHaveLength(4);
  });

  test('8 times in any minute in Firefox', async () => {
    // 7 within the first minute, 8 before each that follows.
    expect((await shownOf(20, FIREFOX, 10_000)).screen).toHaveLength(0);
    // Of those at 0, 5, … 95 s, the 9th to 12th are within a minute of eight others.
    expect((await shownOf(20, FIREFOX, 5000)).screen.map(({ tag }) => tag)).toEqual(
      [8, 9, 10, 11].map((n) => `belfry:m${n}`),
    );
  });

  test('8 times in Firefox, over all runs of the worker', async () => {
    const first = await shownOf(8, FIREFOX);
    const next = fakeScope({ device: DEVICE, pages: [claims], userAgent: FIREFOX });
    next.storage.records = first.storage.records;
    await push(next, message('next'));
    expect(next.storage.records.worker.quiet).toHaveLength(8);
    expect(next.screen).toHaveLength(1);
  });
});
