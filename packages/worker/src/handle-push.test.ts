import { expect, test } from 'vitest';
import { fakePush, fakeScope } from './fake-scope.test-data.ts';
import { handlePush } from './handle-push.ts';

const defaultNotification = { title: 'News', body: 'There is news.' };

test('the event is kept alive by the promise of showNotification, and by nothing else', async () => {
  const fake = fakeScope();
  const event = fakePush('{"title":"Hi","app_badge":2}');
  handlePush(event, { scope: fake.scope, defaultNotification });
  expect(event.work).toEqual([fake.shown]);
  await fake.shown;
});

test('a notification that the browser refuses fails the event, so that the push service hears of it', async () => {
  const fake = fakeScope({ showNotification: () => Promise.reject(new TypeError('Permission denied')) });
  const event = fakePush('Hi');
  handlePush(event, { scope: fake.scope, defaultNotification });
  await expect(Promise.all(event.work)).rejects.toThrow('Permission denied');
});

test('the badge is set after the notification was asked for', () => {
  const fake = fakeScope();
  handlePush(fakePush('{"title":"Hi","app_badge":0}'), { scope: fake.scope, defaultNotification });
  expect(fake.calls.map(([name, value]) => [name, value])).toEqual([
    ['showNotification', 'Hi'],
    ['setAppBadge', 0],
  ]);
});

test('a badge that cannot be set harms nothing', async () => {
  const fake = fakeScope({ setAppBadge: () => Promise.reject(new Error('not installed')) });
  const event = fakePush('{"title":"Hi","app_badge":1}');
  handlePush(event, { scope: fake.scope, defaultNotification });
  await expect(Promise.all(event.work)).resolves.toHaveLength(1);
});

test('a browser without badges shows the notification', () => {
  const fake = fakeScope({ setAppBadge: undefined });
  handlePush(fakePush('{"title":"Hi","app_badge":1}'), { scope: fake.scope, defaultNotification });
  expect(fake.calls).toMatchObject([['showNotification', 'Hi', {}]]);
});

test('a declarative push that WebKit parsed is shown as declared, with the navigate that WebKit demands', () => {
  // As in WebKit: every member has a value, on the prototype.
  class Notification {
    get title() {
      return 'Approved';
    }
    get body() {
      return '#4821';
    }
    get navigate() {
      return 'https://app.example/expenses/4821';
    }
    get dir() {
      return 'auto';
    }
    get tag() {
      return '';
    }
    get lang() {
      return '';
    }
    get data() {
      return { belfry: { v: 1, id: 'm1', binding: 'b', seq: 1 }, data: { n: 7 } };
    }
  }
  const fake = fakeScope();
  handlePush(fakePush(null, new Notification()), { scope: fake.scope, defaultNotification });
  expect(fake.calls).toEqual([
    [
      'showNotification',
      'Approved',
      {
        body: '#4821',
        dir: 'auto',
        tag: 'belfry:m1',
        navigate: 'https://app.example/expenses/4821',
        data: {
          belfry: { v: 1, id: 'm1', binding: 'b', seq: 1 },
          data: { n: 7 },
          urls: { '': 'https://app.example/expenses/4821' },
        },
      },
    ],
  ]);
});
