import { expect, test } from 'vitest';
import { fakeClick, fakePush, fakeScope } from './fake-scope.test-data.ts';
import { installPushWorker } from './install-push-worker.ts';

test('the real ServiceWorkerGlobalScope can be passed', () => {
  const install: (self: ServiceWorkerGlobalScope) => void = installPushWorker;
  expect(install).toBe(installPushWorker);
});

test('it adds one listener for pushes and one for clicks, and does nothing else', () => {
  const fake = fakeScope();
  installPushWorker(fake.scope);
  expect(fake.listening()).toEqual(['push', 'notificationclick']);
  expect(fake.calls).toEqual([]);
});

test('without a default notification the title is the host of the origin', async () => {
  const fake = fakeScope();
  installPushWorker(fake.scope);
  await fake.push(fakePush(null));
  expect(fake.calls).toMatchObject([['showNotification', 'app.example', { tag: 'belfry:default' }]]);
});

test('a push shown with the default notification leads to the url of the default', async () => {
  const fake = fakeScope();
  installPushWorker(fake.scope, { defaultNotification: { title: 'News', url: '/news' } });
  await fake.push(fakePush('{"type":"expense.approved","payload":{"id":1}}'));
  const [call] = fake.calls.splice(0);
  await fake.click(fakeClick({ data: call?.[2]?.data }));
  expect(fake.calls).toEqual([['openWindow', 'https://app.example/news']]);
});
