import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import type { Identification } from './identify.ts';

const SECRET = 'token-of-ada';

let server: TestBelfry;
let callback: (request: unknown) => Promise<string>;
let identification: Identification | undefined;
beforeAll(async () => {
  server = await startTestBelfry();
  await server.restart({
    authenticate: async (request) => identification ?? (await callback(request)),
    authorizeTopic: async (userId) => (await callback(userId)) === 'yes',
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.log.length = 0;
  identification = undefined;
  server.clock.advance(60_000);
});

const refusal = (message: string) => ({ status: 503, body: { error: { id: 'identity-unavailable', message } } });
const unavailable = refusal('`authenticate` failed; try again later');
const subscribe = () => server.post('/subscribe', { body: subscribeAtSink().subscription });

class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** The message has lines that look like a stack's frames. */
const message = `bad ${SECRET}\n    at ${SECRET} (/home/${SECRET}.ts:1:2)\n    at /home/${SECRET}.ts?${SECRET}:1:2`;

describe.each<[string, () => unknown, string]>([
  ['an error', () => new TokenError(message), 'TokenError'],
  ['an error with a secret name', () => Object.assign(new Error(message), { name: `${SECRET} x` }), 'Error'],
  ['an error whose stack is a secret', () => Object.assign(new Error(), { stack: `x (/${SECRET}:1:2)` }), 'Error'],
  ['a text', () => SECRET, 'string'],
  ['null', () => null, 'object'],
])('%s of authenticate', (_what, thrown, name) => {
  test.each<[string, () => Promise<string>]>([
    [
      'that is thrown',
      () => {
        throw thrown();
      },
    ],
    ['that it rejects with', async () => Promise.reject(thrown())],
  ])('%s is a 503, and the log has its name alone', async (_how, fail) => {
    callback = fail;
    expect(await subscribe()).toEqual(unavailable);
    expect(server.log).toHaveLength(1);
    const [line = ''] = server.log;
    expect(line).toContain(`"id":"authenticate-failed","error":"${name}"`);
    expect(line).not.toContain(SECRET);
  });
});

test('the log has where an error was thrown, without the query of its module', async () => {
  callback = async () => {
    throw Object.assign(new Error('x'), {
      stack: `Error: x\n    at f (file:///app/a.ts?${SECRET}:3:4)\n    at g (/b.ts:5:6)`,
    });
  };
  await subscribe();
  expect(server.log).toEqual([expect.stringContaining('"at":"file:///app/a.ts:3:4"')]);
  server.clock.advance(60_000);
  callback = async () => {
    throw new Error('x');
  };
  await subscribe();
  expect(server.log[1]).toMatch(/"at":"[^"]*identity-unavailable\.test\.ts:\d+:\d+"/v);
});

test('a flood of failures is one line a minute, with a count of those left out', async () => {
  callback = async () => {
    throw new TokenError(message);
  };
  for (let i = 0; i < 50; i++) expect(await subscribe()).toEqual(unavailable);
  expect(server.log).toHaveLength(1);
  server.clock.advance(60_000);
  await subscribe();
  expect(server.log).toEqual([expect.not.stringContaining('omitted'), expect.stringContaining('"omitted":49')]);
});

test('authenticate that does not settle is given up after 10 s', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  callback = () => promise;
  const answer = server.post('/topics', { method: 'GET' });
  server.clock.advance(10_000);
  expect(await answer).toEqual(unavailable);
  expect(server.log).toEqual([expect.stringContaining('"error":"CallbackTimeoutError"')]);
  // What it does later is nobody's business.
  reject(new Error(SECRET));
});

test('authorizeTopic that fails, or does not settle, is a 503 too, with a line of its own', async () => {
  const join = () => server.post('/topics/news', { method: 'PUT' });
  callback = async (asked) => {
    if (typeof asked === 'string') throw new TokenError(message);
    return 'ada';
  };
  expect(await join()).toEqual(refusal('`authorizeTopic` failed; try again later'));
  expect(server.log).toEqual([expect.stringContaining('"id":"authorizeTopic-failed","error":"TokenError"')]);
  expect(server.log[0]).not.toContain(SECRET);

  const { promise: isAsked, resolve: setAsked } = Promise.withResolvers<void>();
  callback = async (asked) => {
    if (typeof asked !== 'string') return 'ada';
    setAsked();
    return await new Promise<string>(() => {});
  };
  const answer = join();
  await isAsked;
  server.clock.advance(10_000);
  expect(await answer).toEqual(refusal('`authorizeTopic` failed; try again later'));
});

test('callbacks that work leave no timer behind, and later ones are asked again', async () => {
  callback = async (asked) => (typeof asked === 'string' ? 'yes' : 'ada');
  expect(await subscribe()).toMatchObject({ status: 201 });
  expect(await server.post('/topics/news', { method: 'PUT' })).toMatchObject({ status: 200 });
  expect(server.log).toEqual([]);
});

test.each<[string, Identification]>([
  ['is empty', ''],
  ['is too long', SECRET.repeat(100)],
  ['has a NUL', `${SECRET}\u0000`],
  ['has half a surrogate pair', `${SECRET}\ud800`],
  ['is in an object', { userId: SECRET.repeat(100) }],
  ['is of a session', { userId: 'ada', sessionId: SECRET.repeat(100) }],
])('an id of authenticate that %s is a 503, and the log has the rule alone', async (_what, returned) => {
  identification = returned;
  expect(await subscribe()).toEqual(unavailable);
  expect(server.log).toHaveLength(1);
  const [line = ''] = server.log;
  expect(line).toContain(
    '"id":"authenticate-failed","error":"InvalidResultError","reason":"`authenticate` must return ids',
  );
  expect(line).not.toContain(SECRET);
});

test('an authenticate in JavaScript that returns no id at all is a 503 too', async () => {
  for (const returned of [0, true, [], {}, { userId: 7 }, Symbol('ada')]) {
    server.clock.advance(60_000);
    // @ts-expect-error: as an application without types may do.
    identification = returned;
    expect(await subscribe()).toEqual(unavailable);
  }
  expect(server.log).toHaveLength(6);
});
