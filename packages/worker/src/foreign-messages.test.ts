import { expect, test } from 'vitest';
import type { DeviceRecord } from './device-record.ts';
import { click, push } from './fake-events.test-data.ts';
import { fakeScope } from './fake-scope.test-data.ts';
import { API, unreachable } from './fake-server.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';

// Messages for who used this browser before, or for nobody knows whom.

const belfry = { v: 1, id: 'm1', binding: 'b0', seq: 1, type: 'chat.message', payload: { text: 'private' } };
const message = {
  app_badge: 3,
  notification: { title: 'Private', tag: 'chat', navigate: '/private', data: { belfry, data: 'private' } },
};
const neutral = {
  body: 'There is news.',
  tag: 'belfry:default',
  data: { belfry: null, data: null, urls: { '': '/news' } },
};
const signedOut: DeviceRecord = { ...DEVICE, intent: 'signed-out', confirmed: null };

test.each<[string, object, DeviceRecord, 'works' | 'fails' | 'hangs']>([
  ['with another binding than the device has', message, DEVICE, 'works'],
  ['for a device that is signed out', message, signedOut, 'works'],
  ['without a notification', { type: 'chat.message', payload: 'private', belfry }, DEVICE, 'works'],
  ['that nobody can tell whose it is, as the storage fails', message, { ...DEVICE }, 'fails'],
  ['that nobody can tell whose it is, as the storage hangs', message, { ...DEVICE }, 'hangs'],
])('a message %s is shown as the default notification, and told to nobody', async (_what, json, device, state) => {
  const fake = fakeScope({ device, pages: [{ focused: true, claimsAfterMs: 0 }] });
  fake.storage.state = state;
  const handled: unknown[] = [];
  fake.deps.onPush['*'] = (each) => void handled.push(each);
  expect(await push(fake, json)).toMatchObject({ state: 'done' });
  expect(fake.calls).toEqual([['showNotification', 'News', neutral]]);
  expect([handled, fake.pages[0]?.questions, fake.server.requests]).toEqual([[], [], []]);
  expect(fake.storage.records.worker).toEqual({ receipts: [], seen: [], quiet: [] });
});

test('its click leads to the default url, and is reported to nobody', async () => {
  const fake = fakeScope({ device: DEVICE });
  await push(fake, message);
  const [shown] = fake.screen;
  if (shown) await click(fake, shown);
  expect(fake.calls.at(-1)).toEqual(['openWindow', 'https://app.example/news']);
  expect(fake.server.requests).toEqual([]);
});

test.each([
  ['a message with an envelope', { notification: { title: 'Hi', data: { belfry } } }, undefined],
  ['a message of another sender', { title: 'Hi' }, DEVICE],
])('where nothing is known of whose it is, %s is shown', async (_what, json, device) => {
  const fake = fakeScope({ device });
  await push(fake, json);
  expect(fake.screen).toMatchObject([{ title: 'Hi' }]);
});

test('with failing storage a message of another sender is shown', async () => {
  const fake = fakeScope({ device: DEVICE });
  fake.storage.state = 'fails';
  await push(fake, { title: 'Hi' });
  expect(fake.screen).toMatchObject([{ title: 'Hi' }]);
});

test('the server is then told of the devices that have left, until it has taken that', async () => {
  const leaving = ['a', 'b', 'c', 'd'].map((id) => ({ deviceId: id, deviceSecret: `secret-${id}` }));
  const fake = fakeScope({ device: { ...signedOut, leaving } });
  const answers = [200, 404, 503, 429];
  fake.server.routes['DELETE /subscribe'] = () => new Response('{}', { status: answers.shift() ?? 500 });
  await push(fake, message);
  expect(fake.server.requests).toEqual(
    leaving.map((body) => ({
      route: `DELETE ${API}/subscribe`,
      headers: { 'content-type': 'application/json' },
      body,
    })),
  );
  expect(fake.storage.records.device).toEqual({ ...signedOut, leaving: leaving.slice(2) });

  fake.server.routes['DELETE /subscribe'] = unreachable;
  await push(fake, message);
  expect(fake.storage.records.device?.leaving).toHaveLength(2);

  fake.server.routes['DELETE /subscribe'] = () => new Promise(() => {});
  expect(await push(fake, message)).toMatchObject({ state: 'done' });
  expect(fake.storage.records.device?.leaving).toHaveLength(2);
});

test('a device that the page has added to those that leave meanwhile stays there', async () => {
  const fake = fakeScope({ device: { ...signedOut, leaving: [{ deviceId: 'a', deviceSecret: 'secret-a' }] } });
  const added = { deviceId: 'b', deviceSecret: 'secret-b' };
  fake.server.routes['DELETE /subscribe'] = async () => {
    await fake.storage.transact(({ device }) => ({
      device: device && { ...device, leaving: [...device.leaving, added] },
    }));
    return new Response('{}');
  };
  await push(fake, message);
  expect(fake.storage.records.device?.leaving).toEqual([added]);
});

test('a user who signs out while a handler is at work sees the neutral notice', async () => {
  const fake = fakeScope({ device: { ...DEVICE } });
  fake.deps.onPush['*'] = async () => {
    fake.storage.records = { ...fake.storage.records, device: signedOut };
    return { title: 'Private, in other words' };
  };
  await push(fake, {
    ...message,
    notification: { ...message.notification, data: { belfry: { ...belfry, binding: 'b1' } } },
  });
  expect(fake.calls).toEqual([['showNotification', 'News', neutral]]);
  expect(fake.server.requests).toEqual([]);
});

test('what is on the screen of the user before does not take the place of a message', async () => {
  const fake = fakeScope({
    device: { ...DEVICE, confirmed: DEVICE.confirmed && { ...DEVICE.confirmed, binding: 'b0' } },
  });
  await push(fake, { ...message, notification: { ...message.notification, data: { belfry: { ...belfry, seq: 9 } } } });
  fake.storage.records = { ...fake.storage.records, device: DEVICE };
  const mine = { v: 1, id: 'm2', binding: 'b1', seq: 8 };
  await push(fake, { notification: { title: 'Mine', tag: 'chat', data: { belfry: mine } } });
  expect(fake.screen).toMatchObject([{ title: 'Mine' }]);
});

test('a subscription of nobody ends with the first message that comes for it', async () => {
  const fake = fakeScope({ device: signedOut });
  await fake.push.subscribe({ userVisibleOnly: true, applicationServerKey: 'key-1' });
  await push(fake, message);
  expect(fake.push.subscription).toBeNull();
});

test('a device of somebody else that is on keeps its subscription', async () => {
  const fake = fakeScope({ device: DEVICE });
  await fake.push.subscribe({ userVisibleOnly: true, applicationServerKey: 'key-1' });
  await push(fake, message);
  expect(fake.push.subscription).not.toBeNull();
});
