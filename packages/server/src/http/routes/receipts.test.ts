import { randomUUID } from 'node:crypto';
import { encodeBase64Url } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aSecret, type KnownBrowser, moveBrowser, subscribeBrowser } from '../../testing/a-browser.test-data.ts';
import { type ReceivedPush, subscribeAtSink } from '../../testing/push-sink.test-data.ts';
import { API_KEY, type PostOptions, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';
import { hashSecret } from '../secret-hash.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

let user: string;
let browser: KnownBrowser;
beforeEach(async () => {
  user = randomUUID();
  browser = await subscribeBrowser(server, { user });
});

const refused = (status: number, id: string) => ({ status, body: { error: { id, message: expect.any(String) } } });
const taken = { status: 204, body: null };

const report = (receipts: unknown, { by = browser, ...options }: PostOptions & { by?: KnownBrowser } = {}) => {
  const { deviceId, deviceSecret } = by;
  return server.post('/receipts', { body: { deviceId, deviceSecret, receipts }, user: null, ...options });
};
const receiptsOf = async (id: string) => (await server.belfry.messageStatus(id))?.receipts;

async function send(to = user): Promise<string> {
  const { id, settled } = await server.belfry.notify(to, { title: 'x' });
  await settled();
  return id;
}

const receipt = (id: string, change: object = {}) => ({
  id,
  binding: browser.binding,
  kind: 'shown',
  at: server.clock.now(),
  ...change,
});

describe('receipts', () => {
  test('are counted, once however often they come, for who asks how far the message is', async () => {
    const id = await send();
    const reports = [receipt(id), receipt(id, { kind: 'clicked', action: 'reply' }), receipt(id, { kind: 'closed' })];
    expect(await report(reports)).toEqual(taken);
    expect(await report([...reports, ...reports])).toEqual(taken);
    const counted = { shown: 1, clicked: 1, closed: 1 };
    expect(await receiptsOf(id)).toEqual(counted);
    const headers = { authorization: `Bearer ${API_KEY}` };
    expect(await server.post(`/messages/${id}`, { method: 'GET', user: null, headers })).toMatchObject({
      status: 200,
      body: { data: { id, state: 'done', deliveries: { accepted: 1 }, receipts: counted } },
    });
  });

  test('need neither a page nor a user', async () => {
    const id = await send();
    const options = { user: 'bob', headers: { origin: 'https://evil.example' } };
    expect(await report([receipt(id, { kind: 'received' })], options)).toEqual(taken);
    expect(await receiptsOf(id)).toEqual({ received: 1 });
  });

  test('of a message that nobody knows, or that was for an earlier user, are taken and left out', async () => {
    const id = await send();
    const after = await moveBrowser(server, { user: `after ${user}`, browser });
    expect(await report([receipt(id), receipt('unknown')], { by: after })).toEqual(taken);
    expect(await receiptsOf(id)).toEqual({});
    const next = await send(`after ${user}`);
    expect(await report([receipt(next, { binding: after.binding })], { by: after })).toEqual(taken);
    expect(await receiptsOf(next)).toEqual({ shown: 1 });
  });

  test('of a device that proves nothing are refused, in the same words, and not kept', async () => {
    const id = await send();
    const words = 'There is no device with this id and this secret';
    for (const change of [{ deviceId: 'AAAAAAAAAAAAAAAAAAAAAA' }, { deviceSecret: aSecret() }, { deviceSecret: 'x' }]) {
      expect(await report([receipt(id)], { by: { ...browser, ...change } })).toEqual({
        status: 404,
        body: { error: { id: 'unknown-device', message: words } },
      });
    }
    const after = await moveBrowser(server, { user: `after ${user}`, browser });
    const old = { ...after, deviceSecret: browser.deviceSecret };
    expect(await report([receipt(id)], { by: old })).toEqual(refused(404, 'unknown-device'));
    expect(await receiptsOf(id)).toEqual({});
  });

  test('of a button that a handler made up are kept without it, and cost nothing of the others', async () => {
    const id = await send();
    const madeUp = { kind: 'clicked', action: 'x'.repeat(65) };
    expect(await report([receipt(id), receipt(id, madeUp)])).toEqual(taken);
    expect(await report([receipt(id, { kind: 'clicked', action: 'a\nb' })])).toEqual(taken);
    expect(await receiptsOf(id)).toEqual({ shown: 1, clicked: 1 });
  });

  test('of the greatest length fit, a hundred of them', async () => {
    const id = 'x'.repeat(64);
    // Every character of it as 12 of JSON.
    const action = '\\ud83d\\udd14'.repeat(32);
    const one = `{"id":"${id}","binding":"${id}","kind":"clicked","action":"${action}","at":8640000000000000}`;
    const { deviceId, deviceSecret } = browser;
    const body = `{"deviceId":"${deviceId}","deviceSecret":"${deviceSecret}","receipts":[${Array(100).fill(one).join()}]}`;
    expect(await server.post('/receipts', { body, user: null })).toEqual(taken);
  });
});

describe('a device reports only what was addressed to it:', () => {
  const clicked = (id: string, by: KnownBrowser, token?: unknown) => ({
    ...receipt(id, { binding: by.binding, kind: 'clicked' }),
    token,
  });

  async function subscribe(as: string) {
    const { subscription, read } = subscribeAtSink();
    const known = await subscribeBrowser(server, { user: as, subscription });
    const envelopeOf = (push: ReceivedPush | undefined): Record<string, unknown> =>
      Object(Reflect.get(Object(read(push)), 'belfry'));
    return { known, envelopeOf };
  }

  test('not a message of another user, nor with the token that came to its device', async () => {
    const eve = await subscribe(`eve ${user}`);
    const before = server.sink.received.length;
    const { id, settled } = await server.belfry.notify(`eve ${user}`, { type: 'x' });
    await settled();
    const { token } = eve.envelopeOf(server.sink.received[before]);
    expect(token).toMatch(/^[\w\-]{16}$/v);
    // It is hers: it is counted.
    expect(await report([clicked(id, eve.known, token)], { by: eve.known })).toEqual(taken);
    expect(await receiptsOf(id)).toEqual({ clicked: 1 });
    const others = await send();
    for (const claimed of [undefined, token, 'A'.repeat(16), 7]) {
      expect(await report([clicked(others, eve.known, claimed)], { by: eve.known })).toEqual(taken);
    }
    expect(await receiptsOf(others)).toEqual({});
  });

  test('not a broadcast of a topic that it never joined, also with the token of a device that did', async () => {
    const eve = await subscribe(`eve ${user}`);
    const ada = await subscribe(`ada ${user}`);
    const topic = `news-${user}`;
    await server.belfry.joinTopic(topic, { user: `ada ${user}` });
    const before = server.sink.received.length;
    const { id } = await server.belfry.notify({ topic }, { type: 'x' });
    await server.until(() => server.sink.received.length > before);
    const { token } = ada.envelopeOf(server.sink.received[before]);
    for (const claimed of [undefined, token]) {
      expect(await report([clicked(id, eve.known, claimed)], { by: eve.known })).toEqual(taken);
    }
    expect(await receiptsOf(id)).toEqual({});
    expect(await report([clicked(id, ada.known, token)], { by: ada.known })).toEqual(taken);
    expect(await receiptsOf(id)).toEqual({ clicked: 1 });
  });
});

test.each<[string, unknown, string]>([
  ['none', [], 'receipts: expected >=1'],
  ['too many', Array.from({ length: 101 }, () => ({})), 'receipts: expected <=100'],
  ['no array', { 0: {} }, 'receipts: expected Array'],
  ['nothing', undefined, 'receipts: expected'],
  ['one without an id', [{ id: undefined }], 'receipts.0.id'],
  ['an empty id', [{ id: '' }], 'receipts.0.id'],
  ['an id with a NUL', [{ id: 'a\u0000' }], 'receipts.0.id'],
  ['an id of 65 characters', [{ id: 'x'.repeat(65) }], 'receipts.0.id'],
  ['a binding with a slash', [{ binding: 'a/b' }], 'receipts.0.binding'],
  ['another kind', [{ kind: 'read' }], 'receipts.0.kind'],
  ['a kind that every object has', [{ kind: 'toString' }], 'receipts.0.kind'],
  ['half a millisecond', [{ at: 1.5 }], 'receipts.0.at'],
  ['a time before all time', [{ at: -1 }], 'receipts.0.at'],
  ['a time as text', [{ at: '2026-01-01' }], 'receipts.0.at'],
  ['a good one and a bad one', [{}, { id: 7 }], 'receipts.1.id'],
])('receipts are refused, and none of them kept: %s', async (_what, changes, rule) => {
  const id = await send();
  const receipts = Array.isArray(changes) ? changes.map((change) => receipt(id, Object(change))) : changes;
  const answer = await report(receipts);
  expect(answer).toEqual({
    status: 400,
    body: { error: { id: 'invalid-receipts', message: expect.stringContaining(rule) } },
  });
  expect(await receiptsOf(id)).toEqual({});
});

test('a body that is too large, and another media type, are refused', async () => {
  const large = { padding: 'x'.repeat(64 * 1024) };
  expect(await server.post('/receipts', { body: large, user: null })).toEqual(refused(413, 'body-too-large'));
  const headers = { 'content-type': 'text/plain' };
  expect(await report([receipt('m')], { headers })).toEqual(refused(415, 'unsupported-media-type'));
});

test('a device that reports too often is told, and neither others nor its subscribing are hindered', async () => {
  for (let i = 0; i < 120; i++) expect((await report([])).status).toBe(400);
  expect(await server.settled(report([]))).toEqual(refused(429, 'too-many-requests'));
  expect(await report([receipt('m')], { by: await subscribeBrowser(server) })).toEqual(taken);
  const { deviceId, deviceSecret, subscription } = browser;
  const again = await server.post('/resubscribe', { body: { ...subscription, deviceId, deviceSecret }, user: null });
  expect(again.status).toBe(200);
});

// From here on the store is another one.

test('what reaches the store is what the device reported, at no later time than now', async () => {
  const saved: unknown[] = [];
  const store = async () => {
    const working = await sqlite(server.path)();
    const saveReceipts: typeof working.saveReceipts = async (request) => saved.push(request) > 0;
    return { ...working, saveReceipts };
  };
  await server.restart({ store });
  const now = server.clock.now();
  const { binding } = browser;
  const sent = [
    { kind: 'received', action: null, at: now - 5000 },
    { kind: 'shown', action: 'reply' },
    { kind: 'clicked', action: 'reply', at: now + 3_600_000 },
    { kind: 'clicked', action: '' },
    { kind: 'closed', later: 'fields', token: 'A' },
  ];
  expect(await report(sent.map((change) => receipt('m', change)))).toEqual(taken);
  expect(saved).toEqual([
    {
      publicId: browser.deviceId,
      secretHash: hashSecret(browser.deviceSecret),
      now,
      receipts: [
        { messageId: 'm', binding, token: null, kind: 'received', action: null, at: now - 5000 },
        { messageId: 'm', binding, token: null, kind: 'shown', action: null, at: now },
        { messageId: 'm', binding, token: null, kind: 'clicked', action: 'reply', at: now },
        { messageId: 'm', binding, token: null, kind: 'clicked', action: null, at: now },
        { messageId: 'm', binding, token: 'A', kind: 'closed', action: null, at: now },
      ],
    },
  ]);
});

test('a store that fails is told, and logged without the secret', async () => {
  const store = async () => {
    const working = await sqlite(server.path)();
    return { ...working, saveReceipts: () => Promise.reject(new Error('the disk is full')) };
  };
  await server.restart({ store });
  const answer = await report([receipt('m')]);
  expect(answer).toEqual(refused(500, 'internal-error'));
  const text = server.log.join('\n') + JSON.stringify(answer);
  expect(text).toContain('A request failed');
  const hash = encodeBase64Url(hashSecret(browser.deviceSecret) ?? new Uint8Array());
  for (const secret of [browser.deviceSecret, hash]) expect(text).not.toContain(secret);
});
