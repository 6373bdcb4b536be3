import { describe, expect, test } from 'vitest';
import { click, fakeNotification, push } from './fake-events.test-data.ts';
import type { FakePageOptions } from './fake-page.test-data.ts';
import { type FakeScopeOptions, fakeScope } from './fake-scope.test-data.ts';
import { API } from './fake-server.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';

const belfry = { v: 1, id: 'm1', binding: 'b1', seq: 1, type: 'expense', payload: 7, category: 'c' };
const data = {
  belfry,
  data: { n: 1 },
  urls: { '': 'https://app.example/app/1?tab=2', approve: '/app/approve/1', bad: 'javascript:alert(1)' },
};
const target = 'https://app.example/app/1?tab=2';

async function clicked(options: FakeScopeOptions & { data?: unknown; action?: string } = {}) {
  const fake = fakeScope(options);
  const notification = fakeNotification('data' in options ? options.data : data);
  const event = await click(fake, notification, options.action);
  return { fake, calls: fake.calls, closed: notification.closed, state: event.state };
}

test('a click closes the notification and opens its url', async () => {
  expect(await clicked()).toMatchObject({ closed: true, calls: [['openWindow', target]], state: 'done' });
});

describe('the url', () => {
  test('of a button that has one is opened', async () => {
    expect((await clicked({ action: 'approve' })).calls).toEqual([['openWindow', 'https://app.example/app/approve/1']]);
  });

  test.each(['later', 'bad', 'constructor', '__proto__'])(
    'is that of the notification, for the button %s without one to open',
    async (action) => {
      expect((await clicked({ action })).calls).toEqual([['openWindow', target]]);
    },
  );

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://app.example/1',
    'https://',
    7,
    null,
    '',
  ])('%j is never opened: the default is', async (url) => {
    const { calls } = await clicked({ data: { ...data, urls: { '': url } } });
    expect(calls).toEqual([['openWindow', 'https://app.example/news']]);
  });

  test('is the scope of the worker where there is none at all', async () => {
    const defaultNotification = { title: 'News', url: 'javascript:alert(1)' };
    const { calls } = await clicked({ data: { belfry: null, data: null }, defaultNotification });
    expect(calls).toEqual([['openWindow', 'https://app.example/app/']]);
  });

  test.each([
    ['https://app.example/app/1#belfry=m-1_.', 'https://app.example/app/1'],
    ['https://app.example/app/1#belfry=m1.approve', 'https://app.example/app/1'],
    ['https://app.example/app/1?a=b#top&belfry=m1.a%26b', 'https://app.example/app/1?a=b#top'],
    ['https://app.example/app/1#belfry=m1', 'https://app.example/app/1#belfry=m1'],
    ['https://app.example/app/1?belfry=m1.x', 'https://app.example/app/1?belfry=m1.x'],
  ])('%s, as the server marks it for WebKit, is opened as %s', async (marked, plain) => {
    expect((await clicked({ data: { ...data, urls: { '': marked } } })).calls).toEqual([['openWindow', plain]]);
    const there = await clicked({ data: { ...data, urls: { '': marked } }, pages: [{ url: plain }] });
    expect(there.calls).toEqual([['focus', plain]]);
  });
});

describe('what comes to the front', () => {
  const elsewhere = 'https://app.example/app/';

  test.each<[string, readonly FakePageOptions[], unknown[][]]>([
    ['a page at the url, asked nothing', [{ url: elsewhere, claimsAfterMs: 0 }, { url: target }], [['focus', target]]],
    ['no page with another query', [{ url: 'https://app.example/app/1?tab=3' }], [['openWindow', target]]],
    ['no page with a fragment', [{ url: `${target}#top` }], [['openWindow', target]]],
    [
      'a page at the url that cannot be focused: a new one',
      [{ url: target, focusError: new Error('no') }],
      [['openWindow', target]],
    ],
    ['a page that follows the click itself', [{ url: elsewhere, claimsAfterMs: 100 }], [['focus', elsewhere]]],
    ['a hidden page that does', [{ url: elsewhere, visible: false, claimsAfterMs: 0 }], [['focus', elsewhere]]],
    [
      'the first that does',
      [{ url: elsewhere }, { url: `${elsewhere}2`, claimsAfterMs: 300 }, { url: `${elsewhere}3`, claimsAfterMs: 0 }],
      [['focus', `${elsewhere}2`]],
    ],
    [
      'a page outside of the scope that does: the worker may be for push alone',
      [{ url: 'https://app.example/other', claimsAfterMs: 0 }],
      [['focus', 'https://app.example/other']],
    ],
    ['no page that is too slow', [{ url: elsewhere, claimsAfterMs: 501 }], [['openWindow', target]]],
    [
      'a page that does and cannot be focused: a new one',
      [{ url: elsewhere, claimsAfterMs: 0, focusError: new Error('no') }],
      [['openWindow', target]],
    ],
  ])('%s', async (_what, pages, expected) => {
    const { fake, calls } = await clicked({ pages });
    expect(calls).toEqual(expected);
    const isGiven = fake.pages.map(({ given }) => given.length > 0);
    expect(isGiven).toEqual(
      fake.pages.map(({ url }) => url !== target && calls.some(([name, at]) => name === 'focus' && at === url)),
    );
  });

  test('a page that follows it is asked, and told where to', async () => {
    const { fake } = await clicked({ pages: [{ url: elsewhere, claimsAfterMs: 0 }] });
    expect(fake.pages).toMatchObject([{ questions: [{ belfry: 'navigate' }], given: [{ url: target }] }]);
  });

  test.each<[string, readonly FakePageOptions[], unknown[][]]>([
    [
      'the page that was last is led there',
      [{ url: elsewhere }, { url: 'https://app.example/' }],
      [
        ['focus', elsewhere],
        ['navigate', elsewhere, target],
      ],
    ],
    [
      'a page that goes there by itself goes before it',
      [{ url: elsewhere }, { url: `${elsewhere}2`, claimsAfterMs: 0 }],
      [['focus', `${elsewhere}2`]],
    ],
    [
      'where it cannot be led there, a new one is opened',
      [{ url: elsewhere, navigateError: new TypeError('not controlled') }],
      [
        ['focus', elsewhere],
        ['openWindow', target],
      ],
    ],
    ['a page at the url is enough', [{ url: elsewhere }, { url: target }], [['focus', target]]],
  ])('with navigateOpenPages: %s', async (_what, pages, expected) => {
    expect((await clicked({ pages, navigateOpenPages: true })).calls).toEqual(expected);
  });

  test('a new page, where the browser does not tell of the open ones', async () => {
    for (const matchAll of [() => new Promise<never>(() => {}), () => Promise.reject(new Error('no'))]) {
      const fake = fakeScope({ pages: [{ url: target }] });
      fake.browser.matchAll = matchAll;
      await click(fake, fakeNotification(data));
      expect(fake.calls).toEqual([['openWindow', target]]);
    }
  });

  test('all this within a second, as browsers demand', async () => {
    const fake = fakeScope({ pages: [{ url: elsewhere }] });
    fake.browser.matchAll = () => new Promise((resolve) => fake.clock.setTimeout(() => resolve(fake.pages), 499));
    const start = fake.clock.now();
    let openedAfterMs = 0;
    fake.scope.clients.openWindow = async () => (openedAfterMs = fake.clock.now() - start);
    await click(fake, fakeNotification(data));
    expect(openedAfterMs).toBe(999);
  });
});

describe('a click handler', () => {
  const message = { id: 'm1', type: 'expense', payload: 7, category: 'c', data: { n: 1 } };

  test('that has followed the click keeps Belfry from opening anything', async () => {
    const fake = fakeScope({ device: DEVICE });
    const calls: unknown[] = [];
    fake.deps.onClick.expense = async (each) => {
      calls.push(each);
      return true;
    };
    await click(fake, { ...fakeNotification(data), tag: 't' }, 'approve');
    expect(calls).toMatchObject([{ action: 'approve', message }]);
    expect(fake.calls).toEqual([]);
    expect(fake.server.requests).toMatchObject([{ body: { receipts: [{ kind: 'clicked', action: 'approve' }] } }]);
  });

  test.each<[string, () => boolean | void]>([
    ['answers false', () => false],
    ['answers nothing', () => {}],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('that %s leaves it to Belfry', async (_what, handler) => {
    const fake = fakeScope();
    fake.deps.onClick['*'] = handler;
    expect(await click(fake, fakeNotification(data))).toMatchObject({ state: 'done' });
    expect(fake.calls).toEqual([['openWindow', target]]);
  });

  test('gets of a data-only message what came beside its envelope', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, { type: 'expense', payload: 7, belfry: { v: 1, id: 'm1', binding: 'b1', seq: 1 } });
    const calls: unknown[] = [];
    fake.deps.onClick.expense = ({ message: { type, payload, notification } }) =>
      void calls.push({ type, payload, notification });
    const [shown] = fake.screen;
    if (shown) await click(fake, shown);
    expect(calls).toEqual([{ type: 'expense', payload: 7, notification: null }]);
  });

  test('gets the notification as it was shown', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, { title: 'Title', body: 'Body', url: '/x', belfry });
    const calls: unknown[] = [];
    fake.deps.onClick['*'] = (each) => void calls.push(each.message.notification);
    const [shown] = fake.screen;
    if (shown) await click(fake, shown);
    expect(calls).toEqual([{ title: 'Title', body: 'Body', tag: 'belfry:m1', url: undefined }]);
  });
});

test.each([
  ['', null],
  ['approve', 'approve'],
])('the click on the button %j is reported, after it was followed', async (action, reported) => {
  const fake = fakeScope({ device: DEVICE });
  fake.server.routes['POST /receipts'] = () => {
    fake.calls.push(['receipts']);
    return new Response(null, { status: 204 });
  };
  await click(fake, fakeNotification(data), action);
  expect(fake.calls.map(([name]) => name)).toEqual(['openWindow', 'receipts']);
  const receipts = [{ id: 'm1', binding: 'b1', kind: 'clicked', action: reported, at: expect.any(Number) }];
  expect(fake.server.requests).toMatchObject([{ route: `POST ${API}/receipts`, body: { receipts } }]);
});

test.each([null, undefined, 'text', ['belfry'], { url: '/elsewhere' }])(
  'a notification that the app showed itself, with the data %j, is left alone',
  async (foreign) => {
    const { calls, closed, state, fake } = await clicked({ data: foreign, device: DEVICE });
    expect({ calls, closed, state, requests: fake.server.requests }).toEqual({
      calls: [],
      closed: false,
      state: 'none',
      requests: [],
    });
  },
);
