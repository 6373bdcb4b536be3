import { expect, test, vi } from 'vitest';
import { fakePush, waiting } from './fake-events.test-data.ts';
import { fakeScope } from './fake-scope.test-data.ts';
import { installPushWorker, type PushWorker, pushWorkerDeps } from './install-push-worker.ts';
import type { PushWorkerOptions } from './push-worker-options.ts';
import type { PageLike } from './push-worker-scope.ts';

test('the real ServiceWorkerGlobalScope can be passed', () => {
  const install: (self: ServiceWorkerGlobalScope, options?: PushWorkerOptions) => PushWorker = installPushWorker;
  expect(install).toBe(installPushWorker);
});

test('it adds its listeners, and does nothing else', () => {
  const fake = fakeScope();
  installPushWorker(fake.scope);
  expect(fake.listening()).toEqual([
    'push',
    'notificationclick',
    'notificationclose',
    'pushsubscriptionchange',
    'message',
  ]);
  expect(fake.calls).toEqual([]);
  expect(fake.server.requests).toEqual([]);
});

test('a push is shown even where IndexedDB throws, under the host of the origin without a default title', async () => {
  const consoleError = vi.spyOn(console, 'error').mockReturnValue();
  const fake = fakeScope();
  installPushWorker(fake.scope);
  fake.dispatch('push', fakePush(null));
  await fake.clock.pass(5000);
  expect(fake.calls).toMatchObject([['showNotification', 'app.example', { tag: 'belfry:default' }]]);
  expect(consoleError).toHaveBeenCalledWith(new Error('storage-failed'));
});

test('handlers are called by type', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const fake = fakeScope();
  const worker = installPushWorker(fake.scope, { defaultNotification: { title: 'News', url: '/news' } });
  worker.onPush('chat', ({ payload }) => ({ title: String(payload) }));
  worker.onPush('*', () => ({ title: 'Any' }));
  worker.onClick('*', ({ action }) => action === 'handled');
  fake.dispatch('push', fakePush({ type: 'chat', payload: 'Hi' }));
  fake.dispatch('push', fakePush({ type: 'other' }));
  await fake.clock.pass(5000);
  expect(fake.screen.map(({ title }) => title)).toEqual(['Hi', 'Any']);
  const [notification] = fake.screen;
  if (notification === undefined) throw new Error('It is shown');
  fake.dispatch('notificationclick', { ...waiting(), notification, action: 'handled' });
  fake.dispatch('notificationclick', { ...waiting(), notification, action: '' });
  await fake.clock.pass(5000);
  expect(fake.calls.slice(2)).toEqual([['openWindow', 'https://app.example/news']]);
});

test('a page is asked on a channel, and answers and is answered there', async () => {
  const { ask } = pushWorkerDeps(fakeScope().scope);
  const asked = Promise.withResolvers<[unknown, MessagePort | undefined]>();
  const page: PageLike = {
    url: 'https://app.example/',
    focused: true,
    visibilityState: 'visible',
    focus: async () => {},
    navigate: async () => {},
    postMessage: (question, [port]) => asked.resolve([question, port]),
  };
  const workersEnd = ask(page, { belfry: 'navigate' });
  const claimed = Promise.withResolvers<unknown>();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as the worker does it
  workersEnd.onmessage = ({ data }) => claimed.resolve(data);
  const [question, pagesEnd] = await asked.promise;
  expect(question).toEqual({ belfry: 'navigate' });
  const given = Promise.withResolvers<unknown>();
  pagesEnd?.addEventListener('message', ({ data }) => given.resolve(data), { once: true });
  pagesEnd?.start();
  pagesEnd?.postMessage('claim');
  expect(await claimed.promise).toBe('claim');
  workersEnd.postMessage({ url: '/x' });
  expect(await given.promise).toEqual({ url: '/x' });
  pagesEnd?.close();
});
