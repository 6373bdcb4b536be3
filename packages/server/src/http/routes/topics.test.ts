import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BelfryOptions } from '../../belfry-options.ts';
import { subscribeAtSink } from '../../testing/push-sink.test-data.ts';
import { type PostOptions, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

const success = { status: 200, body: { data: { success: true } } };
const refused = (status: number, id: string) => ({ status, body: { error: { id, message: expect.any(String) } } });
const topicsAre = (...topics: string[]) => ({ status: 200, body: { data: { topics } } });

const allow = (authorizeTopic: BelfryOptions['authorizeTopic']) => server.restart({ authorizeTopic });
const topics = (user: string | null = 'ada') => server.post('/topics', { method: 'GET', user });
const join = (topic: string, options: PostOptions = {}) =>
  server.post(`/topics/${topic}`, { method: 'PUT', ...options });
const leave = (topic: string, options: PostOptions = {}) =>
  server.post(`/topics/${topic}`, { method: 'DELETE', ...options });

test('a user joins where authorizeTopic allows, and leaves; others do not notice', async () => {
  await allow((userId, topic) => userId === 'ada' && topic.startsWith('news.'));
  expect(await topics()).toEqual(topicsAre());
  expect(await join('news.b')).toEqual(success);
  expect(await join('news.a')).toEqual(success);
  expect(await join('news.a')).toEqual(success);
  expect(await topics()).toEqual(topicsAre('news.a', 'news.b'));
  expect(await topics('bob')).toEqual(topicsAre());
  expect(await leave('news.a', { user: 'bob' })).toEqual(success);
  expect(await leave('news.b')).toEqual(success);
  expect(await leave('news.b')).toEqual(success);
  expect(await topics()).toEqual(topicsAre('news.a'));
});

test('who joined before there was a device gets what the topic is sent', async () => {
  await allow(async () => true);
  await join('news');
  await server.post('/subscribe', { body: subscribeAtSink('ada').subscription });
  await server.post('/subscribe', { body: subscribeAtSink('bob').subscription, user: 'bob' });
  await server.belfry.notify({ topic: 'news' }, { title: 'x' });
  while (server.sink.received.length === 0) {
    server.clock.advance(0);
    await setImmediate();
  }
  expect(server.sink.received.map(({ headers }) => headers[':path'])).toEqual(['/ada']);
});

describe('joining', () => {
  test.each<[string, BelfryOptions['authorizeTopic']]>([
    ['absent', undefined],
    ['false', () => false],
    ['a promise of false', async () => false],
    // @ts-expect-error: JavaScript callers may answer anything.
    ['something that is true for JavaScript', () => 'yes'],
  ])('is refused where the answer of authorizeTopic is %s', async (_what, authorizeTopic) => {
    await allow(authorizeTopic);
    expect(await join('news')).toEqual(refused(403, 'topic-not-allowed'));
    expect(await topics()).toEqual(topicsAre());
  });
});

test('a user joins 100 topics from a browser, and no more', async () => {
  await allow(() => true);
  for (let n = 0; n < 100; n++) await server.belfry.joinTopic(`public.${n}`, 'ada');
  expect(await join('public.100')).toEqual(refused(403, 'too-many-topics'));
  expect(await join('public.7')).toEqual(success);
  expect(await leave('public.7')).toEqual(success);
  expect(await join('public.100')).toEqual(success);
  expect(await join('public.100', { user: 'bob' })).toEqual(success);
});

test('a user who joins 60 topics at once has 100 topics at most', async () => {
  await allow(() => true);
  for (let n = 0; n < 97; n++) await server.belfry.joinTopic(`public.${n}`, 'ada');
  const answers = await Promise.all(Array.from({ length: 59 }, (_, n) => join(`more.${n}`)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(await server.belfry.topicsOf('ada')).toHaveLength(100);
  // The joins have ended: none of them counts any more.
  await server.belfry.leaveTopic('public.0', 'ada');
  expect(await join('public.0')).toEqual(success);
});

test('leaving needs nobody’s leave', async () => {
  await allow(() => true);
  await join('news');
  await allow(() => false);
  expect(await leave('news')).toEqual(success);
  expect(await topics()).toEqual(topicsAre());
});

describe.each([
  ['joining', join],
  ['leaving', leave],
])('%s', (_what, change) => {
  beforeEach(() => allow(() => true));

  test.each([
    ['by nobody', { user: null }, 401, 'not-signed-in'],
    ['from another site', { headers: { origin: 'https://evil.example' } }, 403, 'cross-site-request'],
    ['from a sandboxed page', { headers: { origin: 'null' } }, 403, 'cross-site-request'],
  ])('%s is refused', async (_from, options, status, id) => {
    await server.belfry.joinTopic('mine', 'ada');
    expect(await change('mine', options)).toEqual(refused(status, id));
    expect(await topics()).toEqual(topicsAre('mine'));
  });

  test.each([
    ['without a name', '', 400, 'invalid-topic'],
    ['with a space', 'a%20b', 400, 'invalid-topic'],
    ['with a slash', 'a%2Fb', 400, 'invalid-topic'],
    ['with a NUL', '%00', 400, 'invalid-topic'],
    ['in other letters', '%C3%A4', 400, 'invalid-topic'],
    ['of 901 letters', 'a'.repeat(901), 400, 'invalid-topic'],
    ['that cannot be decoded', '%zz', 404, 'not-found'],
  ])('a topic %s is refused', async (_name, topic, status, id) => {
    expect(await change(topic)).toEqual(refused(status, id));
  });
});

test('a name may have every character that FCM’s have', async () => {
  await allow(() => true);
  const name = `Az09-_.~%${'a'.repeat(891)}`;
  expect(await join(encodeURIComponent(name))).toEqual(success);
  expect(await topics()).toEqual(topicsAre(name));
});

test('the topics of nobody are refused, and other methods told', async () => {
  expect(await topics(null)).toEqual(refused(401, 'not-signed-in'));
  expect(await server.post('/topics', {})).toEqual(refused(405, 'method-not-allowed'));
  expect(await server.post('/topics/news', { method: 'GET' })).toEqual(refused(405, 'method-not-allowed'));
});

test('asking too often is told', async () => {
  const answers = await server.settled(Promise.all(Array.from({ length: 61 }, () => topics('eager'))));
  expect(answers.filter(({ status }) => status === 429)).toEqual([refused(429, 'too-many-requests')]);
});
