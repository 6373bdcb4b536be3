import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PushEventLike } from '../push-worker-events.ts';
import type { PushWorkerScope } from '../push-worker-scope.ts';
import { getMessaging, isSupported, type MessagePayload, onBackgroundMessage } from './index.ts';

// The worker reports that there is no storage here.
const reported = vi.spyOn(console, 'error');
beforeAll(() => void reported.mockImplementation(() => {}));
afterAll(() => reported.mockRestore());

const NEWS = {
  type: 'fcm',
  payload: { from: '/topics/news', data: { room: '7' } },
  notification: { title: 'News', body: 'b', icon: '/i.png', navigate: 'https://app.example/news' },
};

/** A service worker at https://app.example/, without storage: it takes pushes of other senders, which have no envelope. */
function worker() {
  const listening: string[] = [];
  const shown: { title: string; options: object }[] = [];
  const listeners: { push?: (event: PushEventLike) => void } = {};
  const nothing = (): never => {
    throw new Error('There is no such thing here');
  };
  const scope: PushWorkerScope = {
    location: { host: 'app.example', origin: 'https://app.example' },
    navigator: { userAgent: '' },
    registration: {
      scope: 'https://app.example/firebase-cloud-messaging-push-scope',
      pushManager: { getSubscription: nothing, subscribe: nothing },
      showNotification: async (title, options) => void shown.push({ title, options }),
      getNotifications: async () => [],
    },
    clients: { matchAll: async () => [], openWindow: nothing },
    crypto,
    indexedDB: { cmp: nothing, databases: nothing, deleteDatabase: nothing, open: nothing },
    addEventListener(type, listener) {
      listening.push(type);
      Object.assign(listeners, { [type]: listener });
    },
    fetch: nothing,
    setTimeout: () => {},
  };
  return {
    scope,
    listening,
    shown,
    async receive(message: object) {
      const work: Promise<unknown>[] = [];
      listeners.push?.({
        data: { text: () => JSON.stringify(message) },
        waitUntil: (promise) => void work.push(promise),
      });
      await Promise.all(work);
    },
  };
}

test('it installs the push worker once, whatever the app is, and the options of the first call count', async () => {
  const { scope, listening, shown, receive } = worker();
  const messaging = getMessaging({}, { defaultNotification: { title: 'News' } }, scope);
  expect(getMessaging('another', { defaultNotification: { title: 'Other' } }, scope)).toBe(messaging);
  expect(listening.toSorted()).toEqual([
    'message',
    'notificationclick',
    'notificationclose',
    'push',
    'pushsubscriptionchange',
  ]);
  await receive({});
  expect(shown).toMatchObject([{ title: 'News', options: { data: { urls: { '': '/' } } } }]);
});

test('without options a push that has nothing to show has the host as its title, and leads to the app', async () => {
  const { scope, shown, receive } = worker();
  getMessaging(undefined, undefined, scope);
  await receive({});
  expect(shown).toMatchObject([{ title: 'app.example', options: { data: { urls: { '': '/' } } } }]);
});

test('the background handler gets a message as Firebase gives it, and what it does not show is shown', async () => {
  const { scope, shown, receive } = worker();
  const taken: MessagePayload[] = [];
  onBackgroundMessage(getMessaging(null, {}, scope), (payload) => taken.push(payload));
  await receive(NEWS);
  expect(taken).toStrictEqual([
    {
      messageId: '',
      from: '/topics/news',
      data: { room: '7' },
      notification: { title: 'News', body: 'b', image: undefined, icon: '/i.png' },
      fcmOptions: { link: 'https://app.example/news' },
    },
  ]);
  expect(shown).toMatchObject([{ title: 'News', options: { body: 'b' } }]);
});

test('messages of other types are none of its', async () => {
  const { scope, shown, receive } = worker();
  const messaging = getMessaging(null, {}, scope);
  onBackgroundMessage(messaging, () => expect.unreachable());
  messaging.worker.onPush('chat.message', () => ({ title: 'Chat' }));
  await receive({ ...NEWS, type: undefined });
  await receive({ ...NEWS, type: 'chat.message' });
  expect(shown.map(({ title }) => title)).toEqual(['News', 'Chat']);
});

test('what Firebase itself still sends to an old subscription is shown', async () => {
  const { scope, shown, receive } = worker();
  onBackgroundMessage(getMessaging(null, {}, scope), () => expect.unreachable());
  const common = {
    from: '1234567890',
    fcmMessageId: '1',
    priority: 'normal',
    fcmOptions: { link: 'https://app.example/' },
  };
  await receive({ ...common, notification: { title: 'News', body: 'b' } });
  await receive({ ...common, data: { room: '7' } });
  expect(shown).toMatchObject([
    { title: 'News', options: { body: 'b', data: { urls: {} } } },
    { title: 'app.example', options: { data: { urls: { '': '/' } } } },
  ]);
});

test('a later handler takes the place of the one before, and each ends itself alone', async () => {
  const { scope, receive } = worker();
  const messaging = getMessaging(null, {}, scope);
  const taken: string[] = [];
  const endFirst = onBackgroundMessage(messaging, () => taken.push('first'));
  const endSecond = onBackgroundMessage(messaging, { next: () => taken.push('second') });
  await receive(NEWS);
  endFirst();
  await receive(NEWS);
  endSecond();
  await receive(NEWS);
  expect(taken).toEqual(['second', 'second']);
});

test('a browser whose workers have no push is not supported', async () => {
  const { scope } = worker();
  expect(await isSupported(scope)).toBe(true);
  const { pushManager, ...registration } = scope.registration;
  expect(await isSupported({ registration })).toBe(false);
});
