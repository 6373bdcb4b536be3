import { expect, test } from 'vitest';
import { fakeClick, fakeScope } from './fake-scope.test-data.ts';
import { handleNotificationClick } from './handle-notification-click.ts';

const data = {
  belfry: null,
  data: null,
  urls: { '': 'https://app.example/expenses/1?tab=2', approve: '/approve/1', bad: 'javascript:alert(1)' },
};

async function click(options: { data?: unknown; action?: string; windows?: string[]; defaultUrl?: string }) {
  const fake = fakeScope({ windows: options.windows ?? [] });
  const event = fakeClick({ data: 'data' in options ? options.data : data, action: options.action ?? '' });
  const defaultNotification = { title: 'News', ...(options.defaultUrl !== undefined && { url: options.defaultUrl }) };
  handleNotificationClick(event, { scope: fake.scope, defaultNotification });
  await Promise.all(event.work);
  return { calls: fake.calls, closed: event.closed() };
}

test('a click closes the notification and opens its url', async () => {
  const { calls, closed } = await click({});
  expect(closed).toBe(true);
  expect(calls).toEqual([['openWindow', 'https://app.example/expenses/1?tab=2']]);
});

test('a window that is already at the url is focused instead', async () => {
  const windows = ['https://app.example/', 'https://app.example/expenses/1?tab=2'];
  expect((await click({ windows })).calls).toEqual([['focus', 'https://app.example/expenses/1?tab=2']]);
});

test('a window at the same path with another query or fragment is another page', async () => {
  const windows = ['https://app.example/expenses/1?tab=3', 'https://app.example/expenses/1?tab=2#top'];
  expect((await click({ windows })).calls).toEqual([['openWindow', 'https://app.example/expenses/1?tab=2']]);
});

test('a button with a url of its own opens that one', async () => {
  expect((await click({ action: 'approve' })).calls).toEqual([['openWindow', 'https://app.example/approve/1']]);
});

test.each(['later', 'bad', 'constructor', '__proto__'])(
  'the button %s, without a url to open, opens the one of the notification',
  async (action) => {
    expect((await click({ action })).calls).toEqual([['openWindow', 'https://app.example/expenses/1?tab=2']]);
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
])('the url %s is never opened: the default is', async (url) => {
  const withUrl = { ...data, urls: { '': url } };
  expect((await click({ data: withUrl, defaultUrl: '/news' })).calls).toEqual([
    ['openWindow', 'https://app.example/news'],
  ]);
});

test('without any url the scope of the worker is opened', async () => {
  const without = { belfry: null, data: null };
  expect((await click({ data: without, defaultUrl: 'javascript:alert(1)' })).calls).toEqual([
    ['openWindow', 'https://app.example/app/'],
  ]);
});

test.each([null, undefined, 'text', ['belfry'], { url: '/elsewhere' }])(
  'a notification that the app showed itself, with the data %j, is left alone',
  async (foreign) => {
    expect(await click({ data: foreign })).toEqual({ calls: [], closed: false });
  },
);
