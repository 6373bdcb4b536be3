import { describe, expect, test } from 'vitest';
import { fakePush, LONG_MS, push } from './fake-events.test-data.ts';
import { fakeScope } from './fake-scope.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';
import { handlePush } from './handle-push.ts';

const belfry = { v: 1, id: 'm1', binding: 'b1', seq: 1, type: 'chat', payload: { text: 'hi' }, category: 'c' };
const message = {
  notification: {
    title: 'New message',
    tag: 'room-1',
    navigate: '/rooms/1',
    actions: [{ action: 'mute', title: 'Mute', navigate: '/mute' }],
    data: { belfry, data: { room: 1 } },
  },
};

test('a handler gets the message, and the pages that are open', async () => {
  const fake = fakeScope({ device: DEVICE, pages: [{ visible: false }] });
  const calls: unknown[] = [];
  fake.deps.onPush.chat = (...args) => void calls.push(args);
  await push(fake, message);
  expect(calls).toEqual([
    [
      {
        id: 'm1',
        type: 'chat',
        payload: { text: 'hi' },
        category: 'c',
        notification: {
          title: 'New message',
          tag: 'room-1',
          url: '/rooms/1',
          actions: [{ action: 'mute', title: 'Mute', url: '/mute' }],
        },
        data: { room: 1 },
      },
      { pages: fake.pages },
    ],
  ]);
});

test.each([
  ['chat', 'chat'],
  ['other', '*'],
  ['constructor', '*'],
  [undefined, '*'],
])('of a message of the type %s, the handler of %s is called', async (type, expected) => {
  const fake = fakeScope({ device: DEVICE });
  const called: string[] = [];
  fake.deps.onPush.chat = () => void called.push('chat');
  fake.deps.onPush['*'] = () => void called.push('*');
  await push(fake, { title: 'x', belfry: { ...belfry, type } });
  expect(called).toEqual([expected]);
});

test('a message of another sender is handled, by the type that it has beside its text', async () => {
  const fake = fakeScope();
  const handled: unknown[] = [];
  fake.deps.onPush.chat = (each) => void handled.push(each);
  await push(fake, { title: 'x', type: 'chat', payload: 1 });
  expect(handled).toEqual([{ id: null, type: 'chat', payload: 1, notification: { title: 'x' }, data: null }]);
});

describe('what a handler answers', () => {
  test('is shown in place of what was declared; tag, url and data stay where it names none', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = async () => ({ title: 'Ada', body: 'hi' });
    await push(fake, message);
    const data = { belfry, data: { room: 1 }, urls: { '': '/rooms/1' } };
    expect(fake.calls).toEqual([['showNotification', 'Ada', { body: 'hi', tag: 'room-1', data }]]);
  });

  test('may name all of them', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => ({ title: 'Ada', tag: 'own', url: '/own', icon: '/i.png', silent: true, data: 7 });
    await push(fake, message);
    const data = { belfry, data: 7, urls: { '': '/own' } };
    const options = { tag: 'own', icon: '/i.png', silent: true, data };
    expect(fake.calls).toEqual([['showNotification', 'Ada', options]]);
  });

  test('may be the notification itself, changed: its buttons lead where they did', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = ({ notification }) => ({ ...notification, title: 'Ada' });
    await push(fake, message);
    expect(fake.calls).toMatchObject([
      ['showNotification', 'Ada', { data: { urls: { '': '/rooms/1', mute: '/mute' } } }],
    ]);
  });

  test('may be a body alone', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => ({ body: 'hi' });
    await push(fake, message);
    expect(fake.screen).toMatchObject([{ title: 'New message', body: 'hi' }]);
  });

  test('is made safe as any message is', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => ({ title: 'Ada', dir: 'up', vibrate: 'long', silent: 1 });
    await push(fake, message);
    expect(fake.screen).toMatchObject([{ title: 'Ada', dir: undefined, silent: undefined }]);
  });

  test.each([undefined, null, true, 'text', {}, [], { title: '' }])(
    'is %j, and no notification: the declared one is shown',
    async (answer) => {
      const fake = fakeScope({ device: DEVICE });
      // As untyped code may answer.
      fake.deps.onPush.chat = Object.assign(() => JSON.parse(JSON.stringify(answer ?? null)));
      await push(fake, message);
      expect(fake.screen).toMatchObject([{ title: 'New message' }]);
    },
  );

  test('comes too late after 2.5 s: the declared one is shown', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () =>
      new Promise((resolve) => fake.clock.setTimeout(() => resolve({ title: 'Late' }), 2501));
    await push(fake, message);
    expect(fake.calls).toMatchObject([['showNotification', 'New message', {}]]);
    expect(fake.reports).toEqual([new Error('handler-failed')]);
  });

  test('cannot be shown, as it cannot be cloned: the declared one is shown', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => ({ title: 'Ada', data: () => {} });
    expect(await push(fake, message)).toMatchObject({ state: 'done' });
    expect(fake.screen).toMatchObject([{ title: 'New message' }]);
    expect(fake.reports).toMatchObject([{ name: 'DataCloneError' }]);
  });
});

describe('of a message without a notification', () => {
  const dataOnly = { type: 'chat', payload: { text: 'hi' }, belfry: { v: 1, id: 'm1', binding: 'b1', seq: 1 } };

  test('what the handler answers is shown under a tag of its own', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => ({ title: 'Ada' });
    await push(fake, dataOnly);
    expect(fake.screen).toMatchObject([{ title: 'Ada', tag: 'belfry:m1' }]);
  });

  test('it is so too where the server has declared its default for WebKit', async () => {
    const fake = fakeScope({ device: DEVICE });
    const handled: unknown[] = [];
    fake.deps.onPush.chat = (each) => {
      handled.push(each.notification);
      return { title: 'Ada' };
    };
    const data = { belfry: { ...dataOnly.belfry, type: 'chat' } };
    await push(fake, { notification: { title: 'App', tag: 'belfry:default', navigate: '/', data } });
    expect(handled).toEqual([null]);
    expect(fake.screen).toMatchObject([{ title: 'Ada', tag: 'belfry:m1' }]);
  });

  test('without an answer the default notification is shown, one for all', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush.chat = () => {};
    await push(fake, dataOnly);
    await push(fake, { ...dataOnly, belfry: { ...dataOnly.belfry, id: 'm2', seq: 2 } });
    expect(fake.screen).toMatchObject([{ title: 'News', tag: 'belfry:default' }]);
  });
});

test('what a handler throws is reported, and the declared notification is shown', async () => {
  const fake = fakeScope({ device: DEVICE });
  const error = new Error('broken');
  fake.deps.onPush.chat = async () => {
    throw error;
  };
  expect(await push(fake, message)).toMatchObject({ state: 'done' });
  expect(fake.screen).toMatchObject([{ title: 'New message' }]);
  expect(fake.reports).toEqual([error]);
});

test('the event waits for the handler, and receipts do not', async () => {
  const fake = fakeScope({ device: DEVICE });
  const work = Promise.withResolvers<void>();
  fake.deps.onPush.chat = () => work.promise;
  const event = fakePush(message);
  handlePush(event, fake.deps);
  await fake.clock.pass(LONG_MS);
  expect([event.state, fake.server.requests.length]).toEqual(['pending', 1]);
  work.reject(new Error('late'));
  await fake.clock.pass(0);
  expect(event.state).toBe('done');
  expect(fake.reports).toEqual([new Error('handler-failed'), new Error('late')]);
});
