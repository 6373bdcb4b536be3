import { describe, expect, test } from 'vitest';
import type { DeviceRecord } from './device-record.ts';
import { changeSubscription } from './fake-events.test-data.ts';
import { type FakeScope, fakeScope } from './fake-scope.test-data.ts';
import { API, confirmation, noAnswer, unreachable } from './fake-server.test-data.ts';
import { DEVICE, SCOPE } from './fake-storage.test-data.ts';

const confirmed = { deviceId: 'd1', binding: 'b1', endpoint: 'https://push.example/made/1', vapidPublicKey: 'key-1' };

test('the device gets a new subscription, and the record what the server confirmed', async () => {
  const fake = fakeScope({ device: DEVICE });
  fake.server.routes['POST /resubscribe'] = () => confirmation({ binding: 'b2' });
  expect(await changeSubscription(fake)).toMatchObject({ state: 'done' });
  expect(fake.push.calls).toEqual(['subscribe key-1']);
  expect(fake.server.requests).toMatchObject([
    { route: `GET ${API}/public-key` },
    {
      route: `POST ${API}/resubscribe`,
      body: {
        deviceId: 'd1',
        deviceSecret: 'secret-1',
        endpoint: 'https://push.example/made/1',
        keys: { p256dh: 'p', auth: 'a' },
        expirationTime: null,
        vapidPublicKey: 'key-1',
        origin: 'https://app.example',
        scope: SCOPE,
      },
    },
  ]);
  expect(fake.storage.records.device).toEqual({ ...DEVICE, confirmed: { ...confirmed, binding: 'b2' } });
  expect(fake.reports).toEqual([]);
});

describe('the subscription that the browser has made itself', () => {
  test('is taken where it is under the newest key', async () => {
    const fake = fakeScope({ device: DEVICE });
    await fake.push.subscribe({ userVisibleOnly: true, applicationServerKey: 'key-1' });
    const { subscription } = fake.push;
    await changeSubscription(fake);
    expect(fake.push.subscription).toBe(subscription);
    expect(fake.storage.records.device?.confirmed).toEqual(confirmed);
  });

  test('is ended where it is under another one', async () => {
    const fake = fakeScope({ device: DEVICE });
    await fake.push.subscribe({ userVisibleOnly: true, applicationServerKey: 'key-0' });
    await changeSubscription(fake);
    expect(fake.push.subscription?.key).toBe('key-1');
    expect(fake.storage.records.device?.confirmed?.endpoint).toBe('https://push.example/made/2');
  });
});

test.each([
  ['no answer', unreachable],
  ['no answer in time', noAnswer],
  ['an error', () => Response.json({ error: { id: 'x' } }, { status: 503 })],
  ['a page', () => new Response('<!doctype html>')],
])('with %s about the newest key, the one of the record is taken', async (_what, answer) => {
  const device = { ...DEVICE, confirmed: { ...confirmed, vapidPublicKey: 'key-0' } };
  const fake = fakeScope({ device });
  fake.server.routes['GET /public-key'] = answer;
  await changeSubscription(fake);
  expect(fake.push.calls).toEqual(['subscribe key-0']);
  expect(fake.storage.records.device?.confirmed?.vapidPublicKey).toBe('key-0');
});

describe('where the server asks for a new subscription', () => {
  test('it gets one under the key that it says, and is asked no third time', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.server.routes['POST /resubscribe'] = () => confirmation({ publicKey: 'key-2', renew: true });
    await changeSubscription(fake);
    expect(fake.push.calls).toEqual(['subscribe key-1', 'unsubscribe', 'subscribe key-2']);
    expect(fake.server.requests.map(({ route }) => route.replace(API, ''))).toEqual([
      'GET /public-key',
      'POST /resubscribe',
      'POST /resubscribe',
    ]);
    expect(fake.storage.records.device?.confirmed).toEqual({
      ...confirmed,
      endpoint: 'https://push.example/made/2',
      vapidPublicKey: 'key-2',
    });
  });

  test('it is a new one too where the key stays', async () => {
    const fake = fakeScope({ device: DEVICE });
    let asked = 0;
    fake.server.routes['POST /resubscribe'] = () => confirmation({ renew: asked++ === 0 });
    await changeSubscription(fake);
    expect(fake.push.calls).toEqual(['subscribe key-1', 'unsubscribe', 'subscribe key-1']);
    expect(fake.storage.records.device?.confirmed?.endpoint).toBe('https://push.example/made/2');
  });
});

test.each<[string, DeviceRecord | undefined]>([
  ['is known', undefined],
  ['is confirmed', { ...DEVICE, confirmed: null }],
  ['is on', { ...DEVICE, intent: 'off' }],
  ['has its user signed in', { ...DEVICE, intent: 'signed-out' }],
])('nothing happens where no device %s', async (_what, device) => {
  const fake = fakeScope({ device });
  await changeSubscription(fake);
  expect([fake.push.calls, fake.server.requests, fake.reports]).toEqual([[], [], []]);
});

describe('what fails is reported by its name, changes nothing, and does not fail the event:', () => {
  const answering = (status: number) => () => Response.json({ error: { id: 'x' } }, { status });
  test.each<[string, string[], (fake: FakeScope) => void]>([
    ['the storage', ['storage-failed'], (fake) => (fake.storage.state = 'hangs')],
    ['the browser', ['push-failed'], (fake) => (fake.push.error = new DOMException('no', 'NotAllowedError'))],
    ['a browser that hangs', ['push-failed'], (fake) => (fake.push.getSubscription = () => new Promise(() => {}))],
    ['no answer', ['server-failed'], (fake) => (fake.server.routes['POST /resubscribe'] = unreachable)],
    ['no answer in time', ['server-failed'], (fake) => (fake.server.routes['POST /resubscribe'] = noAnswer)],
    ['a busy server', ['server-failed'], (fake) => (fake.server.routes['POST /resubscribe'] = answering(429))],
    ['an unknown device', ['server-failed'], (fake) => (fake.server.routes['POST /resubscribe'] = answering(404))],
    ['a conflict', ['server-failed'], (fake) => (fake.server.routes['POST /resubscribe'] = answering(409))],
    [
      'a page as an answer',
      ['server-failed'],
      (fake) => (fake.server.routes['POST /resubscribe'] = () => new Response('<p>')),
    ],
  ])('%s', async (what, codes, hinder) => {
    const fake = fakeScope({ device: DEVICE });
    if (what === 'a browser that hangs') fake.push.error = new DOMException('no', 'InvalidStateError');
    hinder(fake);
    expect(await changeSubscription(fake)).toMatchObject({ state: 'done' });
    expect(fake.reports.map((error) => (error instanceof Error ? error.message : error))).toEqual(codes);
    expect(fake.storage.records.device).toEqual(DEVICE);
  });

  test.each<[string, Partial<DeviceRecord>]>([
    ['its user signed out', { deviceSecret: 'secret-2', intent: 'signed-out', confirmed: null }],
    ['another user signed in', { deviceSecret: 'secret-2', user: 'bob', confirmed: null }],
    ['push disabled', { intent: 'off' }],
  ])('the page has %s meanwhile, and that stays', async (_what, change) => {
    const fake = fakeScope({ device: DEVICE });
    fake.server.routes['POST /resubscribe'] = () => {
      fake.storage.records = { ...fake.storage.records, device: { ...DEVICE, ...change } };
      return confirmation();
    };
    await changeSubscription(fake);
    expect(fake.storage.records.device).toEqual({ ...DEVICE, ...change });
    expect(fake.reports).toEqual([]);
  });
});
