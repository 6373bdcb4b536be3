import { expect, test } from 'vitest';
import { click, close, fakeNotification, push } from './fake-events.test-data.ts';
import { fakeScope } from './fake-scope.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';

const belfry = (id: string, seq = 1) => ({ v: 1, id, binding: 'b1', seq, receipts: 0 });

test('a notification that the user closed is reported, also where not every device reports what was shown', async () => {
  const fake = fakeScope({ device: DEVICE });
  expect(await close(fake, fakeNotification({ belfry: belfry('m1') }))).toMatchObject({ state: 'done' });
  const receipts = [{ id: 'm1', binding: 'b1', kind: 'closed', at: expect.any(Number) }];
  expect(fake.server.requests.map(({ body }) => body)).toEqual([
    { deviceId: 'd1', deviceSecret: 'secret-1', receipts },
  ]);
});

test('one that was replaced under its tag is not', async () => {
  const fake = fakeScope({ device: DEVICE });
  await push(fake, { title: 'a', tag: 'chat', belfry: belfry('m1') });
  const [replaced] = fake.screen;
  await push(fake, { title: 'b', tag: 'chat', belfry: belfry('m2', 2) });
  if (replaced) await close(fake, replaced);
  expect(fake.server.requests).toEqual([]);
});

test('one that was clicked is not', async () => {
  const fake = fakeScope({ device: DEVICE });
  const notification = fakeNotification({ belfry: belfry('m1') });
  await click(fake, notification);
  await close(fake, notification);
  expect(fake.server.requests).toMatchObject([{ body: { receipts: [{ kind: 'clicked' }] } }]);
});

test('it is reported too where the browser does not tell what is on the screen', async () => {
  const fake = fakeScope({ device: DEVICE });
  fake.browser.getNotifications = () => new Promise(() => {});
  await close(fake, fakeNotification({ belfry: belfry('m1') }));
  expect(fake.server.requests).toHaveLength(1);
});

test.each([null, { url: '/' }, { belfry: null, data: null, urls: {} }])(
  'of a notification with the data %j nothing is reported',
  async (data) => {
    const fake = fakeScope({ device: DEVICE });
    expect(await close(fake, fakeNotification(data))).toMatchObject({ state: 'none' });
    expect(fake.server.requests).toEqual([]);
  },
);
