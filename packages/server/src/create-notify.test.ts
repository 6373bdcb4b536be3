import { parseVapidAuthorization } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Belfry } from './belfry.ts';
import type { Json } from './message/message.ts';
import { type SinkAnswer, subscribeAtSink } from './testing/push-sink.test-data.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from './testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

async function subscribe(user = 'ada', path?: string) {
  const device = subscribeAtSink(path);
  await server.post('/subscribe', { body: { ...device.subscription, origin: ORIGIN }, user });
  return device;
}

async function outcomes(notified: ReturnType<Belfry['notify']>) {
  return (await (await notified).settled()).map(({ deviceId, ...outcome }) => outcome);
}

describe('notify', () => {
  test('takes a declarative message to every device of the user, and to nobody else', async () => {
    const [phone, laptop] = [await subscribe(), await subscribe()];
    await subscribe('bob');
    const notified = await server.belfry.notify(
      'ada',
      {
        type: 'expense.approved',
        payload: { id: 4821 },
        notification: {
          title: 'Expense approved',
          body: '#4821',
          url: '/expenses/4821',
          icon: '/icon.png',
          actions: [
            { action: 'view', title: 'View' },
            { action: 'undo', title: 'Undo', url: '/undo/4821' },
          ],
          data: { mine: true },
        },
        badgeCount: 3,
      },
      { ttl: 3600, urgency: 'high' },
    );
    expect(notified).toMatchObject({ id: expect.stringMatching(/^[\w-]{22}$/), devices: 2 });
    expect(await outcomes(Promise.resolve(notified))).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);

    expect(server.sink.received).toHaveLength(2);
    const [first] = server.sink.received;
    expect(first?.headers).toMatchObject({ ttl: '3600', urgency: 'high', 'content-encoding': 'aes128gcm' });
    const reader = first?.headers[':path'] === new URL(phone.subscription.endpoint).pathname ? phone : laptop;
    const url = (path: string) => `${ORIGIN}${path}`;
    expect(reader.read(first)).toEqual({
      web_push: 8030,
      mutable: true,
      app_badge: 3,
      notification: {
        title: 'Expense approved',
        body: '#4821',
        navigate: url('/expenses/4821'),
        icon: url('/icon.png'),
        actions: [
          { action: 'view', title: 'View', navigate: url('/expenses/4821') },
          { action: 'undo', title: 'Undo', navigate: url('/undo/4821') },
        ],
        app_badge: 3,
        data: {
          belfry: {
            v: 1,
            id: notified.id,
            binding: expect.stringMatching(/^[\w-]{22}$/),
            seq: 1,
            token: expect.stringMatching(/^[\w-]{16}$/),
            type: 'expense.approved',
            payload: { id: 4821 },
          },
          data: { mine: true },
        },
      },
    });
  });

  test('signs for the push service, once for all its messages', async () => {
    await subscribe();
    await (await server.belfry.notify('ada', { title: 'one' })).settled();
    await (await server.belfry.notify('ada', { title: 'two' })).settled();
    const headers = server.sink.received.map((push) => push.headers.authorization ?? '');
    expect(new Set(headers).size).toBe(1);
    const vapid = parseVapidAuthorization(headers[0] ?? '');
    const claims = vapid.ok && JSON.parse(Buffer.from(vapid.value.token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      aud: 'https://push.example.net',
      sub: 'mailto:ops@example.com',
      exp: server.clock.now() / 1000 + 12 * 3600,
    });
  });

  test('sends a message without a notification as it is, not declared', async () => {
    const device = await subscribe();
    const notified = await server.belfry.notify('ada', { type: 'cache.stale', payload: ['a', 1] });
    await notified.settled();
    expect(device.read(server.sink.received[0])).toEqual({
      type: 'cache.stale',
      payload: ['a', 1],
      belfry: { v: 1, id: notified.id, binding: expect.any(String), seq: 1, token: expect.any(String) },
    });
  });

  test('gives messages of one collapseKey one legal Topic, whatever the key says', async () => {
    await subscribe();
    for (const collapseKey of ['chat/ü 17', 'chat/ü 17', 'other']) {
      await (await server.belfry.notify('ada', { title: 'x' }, { collapseKey })).settled();
    }
    const [one, two, three] = server.sink.received.map((push) => push.headers['topic']);
    expect(one).toMatch(/^[\w-]{32}$/);
    expect(two).toBe(one);
    expect(three).not.toBe(one);
  });

  test('refuses a payload that JSON would change', async () => {
    // @ts-expect-error: a Map is no JSON, and TypeScript says so too.
    const notified = server.belfry.notify('ada', { type: 'x', payload: new Map([['a', 1]]) });
    await expect(notified).rejects.toMatchObject({
      id: 'invalid-message',
      message: expect.stringContaining('payload'),
    });
  });

  test('to a user without devices is accepted and reaches nobody', async () => {
    expect(await server.belfry.notify('nobody', { title: 'x' })).toMatchObject({ devices: 0 });
  });
});

describe('a device that its push service does not know', () => {
  test.each([404, 410])('(%d) is gone after its first failure, and the others get theirs', async (status) => {
    await subscribe('ada', 'dead');
    await subscribe('ada', 'alive');
    server.sink.answer = (push) => ({ status: push.headers[':path'] === '/dead' ? status : 201 });
    expect(await outcomes(server.belfry.notify('ada', { title: 'x' }))).toEqual([
      { outcome: 'gone' },
      { outcome: 'accepted' },
    ]);
    expect(await server.belfry.notify('ada', { title: 'again' })).toMatchObject({ devices: 1 });
    expect((await server.devicesOf('ada')).map((device) => device.state)).toEqual(['gone', 'live']);
  });
});

describe('a push service that', () => {
  test.each([
    ['refuses the key', { status: 403 }, { outcome: 'misconfigured', status: 403, retryAt: 60_000 }],
    ['will not have the message', { status: 413 }, { outcome: 'rejected', status: 413 }],
    [
      'is asked too often',
      { status: 429, headers: { 'retry-after': '120' } },
      { outcome: 'throttled', retryAt: 120_000 },
    ],
    ['breaks down', { status: 503, headers: { 'retry-after': '60' } }, { outcome: 'retrying', retryAt: 60_000 }],
    ['answers with more than we read', { status: 201, body: 'x'.repeat(100_000) }, { outcome: 'accepted' }],
  ] as const)('%s never loses the device', async (_what, answer, outcome) => {
    await subscribe();
    server.sink.answer = () => answer;
    const [result] = await outcomes(server.belfry.notify('ada', { title: 'x' }));
    expect(result).toEqual(
      'retryAt' in outcome ? { ...outcome, retryAt: server.clock.now() + outcome.retryAt } : outcome,
    );
    expect(await server.devicesOf('ada')).toMatchObject([{ state: 'live' }]);
  });

  test('comes back gets the message when it asked for it, with the time that is left', async () => {
    const device = await subscribe();
    server.sink.answer = () => ({ status: 503, headers: { 'retry-after': '60' } });
    await (await server.belfry.notify('ada', { title: 'late' }, { ttl: 100 })).settled();
    server.sink.answer = () => ({ status: 201 });
    server.clock.advance(60_000);
    await server.sink.waitFor(2);
    expect(server.sink.received.map((push) => push.headers['ttl'])).toEqual(['100', '40']);
    expect(device.read(server.sink.received[1])).toMatchObject({ notification: { title: 'late' } });
  });

  test.each<[string, SinkAnswer]>([
    ['resets the stream', { reset: 2 }],
    ['cancels the stream', { reset: 8 }],
    ['closes the stream without an error', { reset: 0 }],
    ['drops the connection instead of an answer', 'drop'],
  ])('%s is tried again', async (_what, answer) => {
    await subscribe();
    server.sink.answer = () => answer;
    expect(await outcomes(server.belfry.notify('ada', { title: 'x' }))).toMatchObject([{ outcome: 'retrying' }]);
    server.sink.answer = () => ({ status: 201 });
    server.clock.advance(5_000);
    await server.sink.waitFor(2);
  });

  test.each<[string, SinkAnswer]>([
    ['never ends its answer', { status: 201, afterwards: 'stall' }],
    ['resets the stream behind its answer', { status: 201, afterwards: { reset: 2 } }],
  ])('%s has accepted all the same', async (_what, answer) => {
    await subscribe();
    server.sink.answer = () => answer;
    expect(await outcomes(server.belfry.notify('ada', { title: 'x' }))).toEqual([{ outcome: 'accepted' }]);
  });

  test('is silent is given up after 30 s, and asked over another connection', async () => {
    await subscribe();
    server.sink.answer = () => 'never';
    const silent = outcomes(server.belfry.notify('ada', { title: 'x' }));
    await server.sink.waitFor(1);
    server.clock.advance(30_000);
    expect(await silent).toMatchObject([{ outcome: 'retrying' }]);
    server.sink.answer = () => ({ status: 201 });
    expect(await outcomes(server.belfry.notify('ada', { title: 'y' }))).toEqual([{ outcome: 'accepted' }]);
    expect(server.sink.sessions.size).toBe(2);
  });

  test('is silent does not hold up what is due for others', async () => {
    await subscribe('ada', 'silent');
    await subscribe('bob', 'quick');
    server.sink.answer = () => ({ status: 503 });
    await (await server.belfry.notify('ada', { title: 'x' })).settled();
    server.clock.advance(10);
    await (await server.belfry.notify('bob', { title: 'y' })).settled();
    server.sink.answer = (push) => (push.headers[':path'] === '/silent' ? 'never' : { status: 201 });
    // Ada's retry comes within 5 s, and Bob's after it: it is on its way while hers has no answer.
    server.clock.advance(5_000);
    await server.sink.waitFor(3);
    server.clock.advance(5_000);
    await server.sink.waitFor(4);
    expect(server.sink.received.slice(2).map((push) => push.headers[':path'])).toContain('/quick');
    server.clock.advance(30_000);
  });

  test('drops the connection gets the message over another one', async () => {
    const device = await subscribe();
    await (await server.belfry.notify('ada', { title: 'one' })).settled();
    for (const session of server.sink.sessions) session.destroy();
    // Whether the client has noticed by now is chance: if not, this attempt fails and the next one is made in 5 s.
    await (await server.belfry.notify('ada', { title: 'two' })).settled();
    server.clock.advance(5_000);
    await server.sink.waitFor(2);
    expect(device.read(server.sink.received[1])).toMatchObject({ notification: { title: 'two' } });
  });
});

describe('a message whose time is over', () => {
  test('is not tried again', async () => {
    await subscribe();
    server.sink.answer = () => ({ status: 503 });
    expect(await outcomes(server.belfry.notify('ada', { title: 'x' }, { ttl: 1 }))).toEqual([{ outcome: 'expired' }]);
  });

  test('because it was now or never, has one attempt with TTL 0', async () => {
    await subscribe();
    server.sink.answer = () => ({ status: 503 });
    expect(await outcomes(server.belfry.notify('ada', { title: 'x' }, { ttl: 0 }))).toEqual([{ outcome: 'expired' }]);
    expect(server.sink.received.map((push) => push.headers['ttl'])).toEqual(['0']);
  });
});

describe('a device whose pages have moved', () => {
  test('gets the urls of today', async () => {
    const device = await subscribe();
    await server.restart({ origins: ['https://new.example.com'] });
    await (await server.belfry.notify('ada', { title: 'x', url: '/here' })).settled();
    expect(device.read(server.sink.received[0])).toMatchObject({
      notification: { navigate: 'https://new.example.com/here' },
    });
  });
});

describe('a message that was being sent when the server stopped', () => {
  test('is sent at the next start', async () => {
    const device = await subscribe();
    server.sink.answer = () => 'never';
    const notified = await server.belfry.notify('ada', { title: 'interrupted' });
    const settled = notified.settled().catch(String);
    await server.sink.waitFor(1);
    const restarted = server.restart();
    server.clock.advance(5_000);
    expect(await settled).toContain('AbortError');
    server.sink.answer = () => ({ status: 201 });
    await restarted;
    server.clock.advance(0);
    await server.sink.waitFor(2);
    expect(device.read(server.sink.received[1])).toMatchObject({
      notification: { data: { belfry: { id: notified.id } } },
    });
  });

  test('is finished by close() where the push service answers in time', async () => {
    await subscribe();
    const notified = await server.belfry.notify('ada', { title: 'x' });
    await server.restart();
    expect(await notified.settled()).toMatchObject([{ outcome: 'accepted' }]);
    await server.belfry.close();
    await expect(server.belfry.notify('ada', { title: 'x' })).rejects.toMatchObject({ id: 'closed' });
  });
});

function nested(depth: number): Json {
  let value: Json = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe('a message', () => {
  test.each<[string, unknown, string]>([
    ['that is nothing', undefined, 'invalid-message'],
    ['without a title', { notification: { body: 'x' } }, 'invalid-message'],
    ['with an empty title', { title: '' }, 'invalid-message'],
    ['with a field nobody knows', { title: 'x', colour: 'red' }, 'invalid-message'],
    ['that says nothing', { category: 'x' }, 'invalid-message'],
    ['that leads to another site', { title: 'x', url: 'https://evil.example/' }, 'invalid-message-url'],
    ['that leads to a blob', { title: 'x', url: 'blob:https://app.example.com/1' }, 'invalid-message-url'],
    ['that leads to a password', { title: 'x', url: 'https://u:p@app.example.com/' }, 'invalid-message-url'],
    ['that runs a script', { title: 'x', url: 'javascript:alert(1)' }, 'invalid-message-url'],
    ['with an icon from nowhere', { title: 'x', icon: 'data:image/png;base64,AA' }, 'invalid-message-url'],
    [
      'whose action leads elsewhere',
      { notification: { title: 'x', actions: [{ action: 'a', title: 'A', url: '//evil.example' }] } },
      'invalid-message-url',
    ],
    ['nested beyond all reading', { type: 'x', payload: nested(20_000) }, 'invalid-json'],
    ['over 3993 bytes', { title: 'x', body: 'ü'.repeat(1990) }, 'message-too-large'],
  ])('%s is refused, and nothing is stored or sent', async (_what, message, id) => {
    await subscribe();
    // TypeScript keeps callers of notify from most of these, but nobody keeps those of POST /send.
    const options = { body: { target: 'ada', message }, user: null, headers: { authorization: `Bearer ${API_KEY}` } };
    expect(await server.post('/send', options)).toMatchObject({ body: { error: { id } } });
    expect(server.sink.received).toEqual([]);
  });

  test('nested beyond all reading is refused where the application calls notify', async () => {
    const message = { type: 'x', payload: nested(20_000) };
    await expect(server.belfry.notify('ada', message)).rejects.toMatchObject({ id: 'invalid-message' });
  });

  test('of just 3993 bytes is taken, and the one beyond names the limit', async () => {
    const device = await subscribe();
    const notify = (bodyBytes: number) => server.belfry.notify('ada', { title: 'x', body: 'b'.repeat(bodyBytes) });
    const [, needed] = /needs (\d+)/.exec(await notify(3993).then(() => '', String)) ?? [];
    const longest = 3993 - (Number(needed) - 3993);
    await expect(notify(longest + 1)).rejects.toMatchObject({
      id: 'message-too-large',
      status: 413,
      message: expect.stringContaining('at most 3993 bytes; this one needs 3994'),
    });
    await (await notify(longest)).settled();
    expect(device.read(server.sink.received[0])).toMatchObject({ notification: { title: 'x' } });
  });
});

describe('POST /send', () => {
  const authorized = { user: null, headers: { authorization: `Bearer ${API_KEY}` } };

  test('sends for the holder of an API key, from any origin', async () => {
    await subscribe();
    const body = { target: { user: 'ada' }, message: { title: 'x' }, options: { ttl: 60 } };
    const answer = await server.post('/send', { ...authorized, body });
    expect(answer).toEqual({ status: 202, body: { data: { messageId: expect.any(String), devices: 1 } } });
    await server.sink.waitFor(1);
  });

  test.each([
    ['without a key', {}, 401, 'invalid-api-key'],
    ['with another key', { authorization: 'Bearer another-api-key-of-a-test' }, 401, 'invalid-api-key'],
    ['with the key of an unset variable', { authorization: 'Bearer undefined' }, 401, 'invalid-api-key'],
    ['with an empty key', { authorization: 'Bearer ' }, 401, 'invalid-api-key'],
  ])('%s is refused', async (_what, headers, status, id) => {
    const body = { target: 'ada', message: { title: 'x' } };
    expect(await server.post('/send', { user: 'ada', headers, body })).toMatchObject({
      status,
      body: { error: { id } },
    });
  });

  test.each([
    ['no target', { message: { title: 'x' } }, 'invalid-target'],
    ['an empty target', { target: '', message: { title: 'x' } }, 'invalid-target'],
    ['two targets in one', { target: { user: 'ada', all: true }, message: { title: 'x' } }, 'invalid-target'],
    ['nobody in particular', { target: { all: false }, message: { title: 'x' } }, 'invalid-target'],
    [
      'a ttl beyond all time',
      { target: 'ada', message: { title: 'x' }, options: { ttl: 1e13 } },
      'invalid-notify-options',
    ],
    ['a negative ttl', { target: 'ada', message: { title: 'x' }, options: { ttl: -1 } }, 'invalid-notify-options'],
    [
      'an unknown urgency',
      { target: 'ada', message: { title: 'x' }, options: { urgency: 'asap' } },
      'invalid-notify-options',
    ],
    [
      'an option nobody knows',
      { target: 'ada', message: { title: 'x' }, options: { tll: 5 } },
      'invalid-notify-options',
    ],
    ['no object', 'nonsense', 'invalid-json'],
    ['null', 'null', 'invalid-target'],
  ])('with %s is refused', async (_what, body, id) => {
    expect(await server.post('/send', { ...authorized, body })).toMatchObject({ status: 400, body: { error: { id } } });
  });
});
