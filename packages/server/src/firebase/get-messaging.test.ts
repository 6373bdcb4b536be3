import { branded } from '@belfry/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import { getMessaging, type Messaging } from './get-messaging.ts';
import type { Message } from './message.ts';
import { failureOf } from './messaging-error.ts';

let server: TestBelfry;
let messaging: Messaging;
beforeEach(async () => {
  server = await startTestBelfry();
  messaging = getMessaging(server.belfry);
});
afterEach(() => server.close());

/** A device, with the token that its page gets. */
async function subscribe(path?: string) {
  const device = subscribeAtSink(path);
  const { body } = await server.post('/subscribe', { body: { ...device.subscription, origin: ORIGIN } });
  const token: unknown = Reflect.get(Object(Reflect.get(Object(body), 'data')), 'deviceId');
  return { ...device, token: String(token) };
}

/** From JSON, where TypeScript cannot know better. */
function fromJson(message: object): Message {
  return JSON.parse(JSON.stringify(message));
}

const error = (code: string) => expect.objectContaining({ name: 'MessagingError', code: `messaging/${code}` });
const failure = (code: string) => ({ success: false, error: error(code) });
const success = { success: true, messageId: expect.stringMatching(/^[\w\-]{22}$/v) };

describe('send', () => {
  test('takes a message to the device that the token is of, with all that there is for the web', async () => {
    const { token, read } = await subscribe();
    const id = await messaging.send({
      token,
      notification: { title: 'Hello', body: 'from all', imageUrl: 'https://cdn.example/i.png' },
      data: { room: '7' },
      webpush: {
        headers: { TTL: '60', Urgency: 'high', Topic: 'room-7', 'X-Other': 'ignored' },
        notification: {
          body: 'from the web',
          icon: '/icon.png',
          vibrate: 100,
          actions: [{ action: 'open', title: 'Open', icon: '/open.png' }],
          data: { mine: true },
        },
        fcmOptions: { link: `${ORIGIN}/rooms/7` },
      },
      android: { priority: 'high' },
      apns: { payload: {} },
      fcmOptions: { analyticsLabel: 'x' },
    });
    const [push] = server.sink.received;
    expect(push?.headers).toMatchObject({ ttl: '60', urgency: 'high', topic: expect.stringMatching(/^[\w\-]{32}$/v) });
    expect(read(push)).toEqual({
      web_push: 8030,
      mutable: true,
      notification: {
        title: 'Hello',
        body: 'from the web',
        navigate: `${ORIGIN}/rooms/7`,
        icon: `${ORIGIN}/icon.png`,
        image: 'https://cdn.example/i.png',
        vibrate: [100],
        actions: [{ action: 'open', title: 'Open', navigate: `${ORIGIN}/rooms/7` }],
        data: {
          belfry: expect.objectContaining({ id, type: 'fcm', payload: { from: 'belfry', data: { room: '7' } } }),
          data: { mine: true },
        },
      },
    });
    expect(await server.belfry.messageStatus(id)).toMatchObject({ deliveries: { accepted: 1 } });
  });

  test.each<[string, Omit<Message, 'token'>, object]>([
    ['data alone', { data: { a: '1' } }, { from: 'belfry', data: { a: '1' } }],
    ['data for the web', { data: { a: '1' }, webpush: { data: { b: '2' } } }, { from: 'belfry', data: { b: '2' } }],
    ['nothing', {}, { from: 'belfry' }],
  ])('takes %s as a message without a notification', async (_what, message, payload) => {
    const { token, read } = await subscribe();
    await messaging.send({ ...message, token });
    expect(read(server.sink.received[0])).toMatchObject({ type: 'fcm', payload });
    expect(read(server.sink.received[0])).not.toHaveProperty('notification');
  });

  test.each<[string, Message]>([
    ['a topic', { topic: 'news', data: {} }],
    ['a topic in full', { topic: '/topics/news', data: {} }],
    ['a condition', { condition: "'news' in topics || 'sports' in topics", data: {} }],
  ])('reaches who joined %s', async (_what, message) => {
    const [member, other] = [await subscribe('member'), await subscribe('other')];
    expect(await messaging.subscribeToTopic(member.token, '/topics/news')).toMatchObject({ successCount: 1 });
    expect(await messaging.subscribeToTopic(other.token, 'weather')).toMatchObject({ successCount: 1 });
    const id = await messaging.send(message);
    await server.until(async () => (await server.belfry.messageStatus(id))?.state === 'done');
    expect(server.sink.received.map((push) => push.headers[':path'])).toEqual(['/member']);
    const from = 'topic' in message ? '/topics/news' : 'belfry';
    expect(member.read(server.sink.received[0])).toMatchObject({ payload: { from }, belfry: { id } });
  });

  test.each<[string, object]>([
    ['no target', { data: {} }],
    ['two targets', { token: 'x', topic: 'y' }],
    ['an empty token', { token: '' }],
    ['a topic that is none', { topic: 'a b' }],
    ['a condition that is none', { condition: 'news' }],
    ['data that is no text', { token: 'x', data: { a: 1 } }],
    ['a notification without a title', { token: 'x', notification: { body: 'x' } }],
    ['a field that there is not', { token: 'x', notifications: {} }],
    [
      'a field of the notification that there is not',
      { token: 'x', webpush: { notification: { title: 'x', tga: '' } } },
    ],
    [
      'a link to elsewhere',
      { token: 'x', notification: { title: 'x' }, webpush: { fcmOptions: { link: 'https://evil.example' } } },
    ],
    ['a TTL that is none', { token: 'x', webpush: { headers: { TTL: '1h' } } }],
    ['an empty TTL', { token: 'x', webpush: { headers: { TTL: '' } } }],
    ['an urgency that is none', { token: 'x', webpush: { headers: { Urgency: 'asap' } } }],
  ])('refuses %s', async (_what, message) => {
    await expect(messaging.send(fromJson(message))).rejects.toEqual(error('invalid-argument'));
  });

  test('names the field that is wrong, and not what it holds', async () => {
    const message = fromJson({ token: 'x', webpush: { data: { secret: 5 } } });
    await expect(messaging.send(message)).rejects.toMatchObject({
      message: 'The message is not well formed: webpush.data.secret: expected string',
      errorInfo: { code: 'messaging/invalid-argument' },
    });
  });

  test('refuses what no push message can hold', async () => {
    const message = { token: 'x', data: { a: 'x'.repeat(4000) } };
    await expect(messaging.send(message)).rejects.toEqual(error('payload-size-limit-exceeded'));
  });

  test('does not know a token that no device has, nor one that is gone', async () => {
    const { token } = await subscribe();
    await expect(messaging.send({ token: 'unknown' })).rejects.toEqual(error('registration-token-not-registered'));
    server.sink.answer = () => ({ status: 410 });
    await expect(messaging.send({ token })).rejects.toEqual(error('registration-token-not-registered'));
    await expect(messaging.send({ token })).rejects.toEqual(error('registration-token-not-registered'));
    expect(server.sink.received).toHaveLength(1);
  });

  test.each([
    [413, '60', 'internal-error'],
    [503, '0', 'server-unavailable'],
    [403, '0', 'third-party-auth-error'],
  ])('fails where the push service answers %d to a TTL of %s', async (status, TTL, code) => {
    const { token } = await subscribe();
    server.sink.answer = () => ({ status });
    const sent = messaging.send({ token, webpush: { headers: { TTL } } });
    await expect(sent).rejects.toEqual(error(code));
  });

  test.each([503, 429, 403])('succeeds where %d has it tried again', async (status) => {
    const { token } = await subscribe();
    server.sink.answer = () => ({ status });
    const id = await messaging.send({ token });
    expect(await server.belfry.messageStatus(id)).toMatchObject({ deliveries: { retrying: 1 } });
  });

  test('succeeds where the server stops first: the message goes out at the next start', async () => {
    const { token } = await subscribe();
    server.sink.answer = () => 'never';
    const sent = messaging.send({ token });
    await server.sink.waitFor(1);
    const restarted = server.restart();
    server.clock.advance(5_000);
    expect(await sent).toEqual(success.messageId);
    server.sink.answer = () => ({ status: 201 });
    await restarted;
    server.clock.advance(0);
    await server.sink.waitFor(2);
  });

  test('fails for a device that subscribed with another key', () => {
    expect(failureOf({ deviceId: branded('x'), outcome: 'key-mismatch' })).toEqual(error('mismatched-credential'));
  });

  test('is refused for now by a server that has stopped', async () => {
    await server.belfry.close();
    await expect(messaging.send({ token: 'x' })).rejects.toEqual(error('server-unavailable'));
  });

  test('as a dry run checks the form, and sends nothing', async () => {
    const { token } = await subscribe();
    expect(await messaging.send({ token, notification: { title: 'x' } }, true)).toBe('dry-run');
    await expect(messaging.send({ token, notification: { body: 'x' } }, true)).rejects.toEqual(
      error('invalid-argument'),
    );
    await expect(messaging.send({ topic: 'a b' }, true)).rejects.toEqual(error('invalid-argument'));
    expect(server.sink.received).toEqual([]);
  });
});

describe('several messages', () => {
  test('have a response each, in order', async () => {
    const { token } = await subscribe();
    const messages = [{ token: 'unknown' }, { token, data: {} }, fromJson({})];
    expect(await messaging.sendEach(messages)).toEqual({
      responses: [failure('registration-token-not-registered'), success, failure('invalid-argument')],
      successCount: 1,
      failureCount: 2,
    });
  });

  test('one message to several tokens too', async () => {
    const devices = [await subscribe(), await subscribe()];
    const tokens = [...devices.map(({ token }) => token), 'unknown'];
    const { responses, ...counts } = await messaging.sendEachForMulticast({ tokens, data: { a: '1' } });
    expect(counts).toEqual({ successCount: 2, failureCount: 1 });
    expect(responses).toEqual([success, success, failure('registration-token-not-registered')]);
    expect(server.sink.received).toHaveLength(2);
  });

  test.each([0, 501])('are not %d', async (length) => {
    const tokens = Array.from({ length }, () => 'x');
    const messages = tokens.map((token) => ({ token }));
    await expect(messaging.sendEach(messages)).rejects.toEqual(error('invalid-argument'));
    await expect(messaging.sendEachForMulticast({ tokens })).rejects.toEqual(error('invalid-argument'));
  });

  test('500 are taken, as a dry run too', async () => {
    const tokens = Array.from({ length: 500 }, () => 'x');
    expect(await messaging.sendEachForMulticast({ tokens }, true)).toMatchObject({ successCount: 500 });
  });
});

describe('a topic', () => {
  test('is joined and left by tokens', async () => {
    const devices = [await subscribe(), await subscribe()];
    const tokens = devices.map(({ token }) => token);
    const topics = () => Promise.all(tokens.map((device) => server.belfry.topicsOf({ device })));
    expect(await messaging.subscribeToTopic([...tokens, 'unknown'], 'news')).toEqual({
      successCount: 2,
      failureCount: 1,
      errors: [{ index: 2, error: error('registration-token-not-registered') }],
    });
    expect(await topics()).toEqual([['news'], ['news']]);
    expect(await messaging.unsubscribeFromTopic(tokens.slice(1), '/topics/news')).toEqual({
      successCount: 1,
      failureCount: 0,
      errors: [],
    });
    expect(await topics()).toEqual([['news'], []]);
  });

  test.each<[string, string | readonly string[], string]>([
    ['without tokens', [], 'news'],
    ['with an empty token', [''], 'news'],
    ['with 1001 tokens', Array.from({ length: 1001 }, () => 'x'), 'news'],
    ['of another name', ['x'], 'a b'],
    ['without a name', ['x'], '/topics/'],
  ])('is not changed %s', async (_what, tokens, topic) => {
    await expect(messaging.subscribeToTopic(tokens, topic)).rejects.toEqual(error('invalid-argument'));
    await expect(messaging.unsubscribeFromTopic(tokens, topic)).rejects.toEqual(error('invalid-argument'));
  });
});
