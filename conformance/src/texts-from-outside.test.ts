import { sqlite } from '@belfry/store/sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { usePostgres } from '../../packages/store/src/postgres/testing/use-postgres.test-data.ts';
import { subscribeBrowser } from '../../packages/server/src/testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../../packages/server/src/testing/push-sink.test-data.ts';
import { API_KEY, startTestBelfry, type TestBelfry } from '../../packages/server/src/testing/test-belfry.test-data.ts';

const postgres = usePostgres();
const engines = {
  SQLite: async () => sqlite(':memory:'),
  PostgreSQL: async () => (await postgres.room()).open,
};

/** Who is signed in, as `authenticate` says it: no header could hold every text. */
let signedIn: { userId: string; sessionId?: string } = { userId: 'ada' };

const refusedIds = [
  ['an empty one', ''],
  ['one of 257 characters', 'x'.repeat(257)],
  ['a NUL', 'a\0b'],
  ['a high surrogate alone', 'ada\ud800'],
  ['a low surrogate alone', '\udc00ada'],
  ['surrogates in the wrong order', '\udc00\ud800'],
] as const;

/** Texts that are near each other, so that a store or an encoding may take one for the other. */
const idPairs = fc
  .tuple(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.constantFrom<(text: string) => string>(
      (text) => text.toWellFormed(),
      (text) => text.normalize('NFC'),
      (text) => text.normalize('NFD'),
      (text) => text.toUpperCase(),
      (text) => `${text} `,
      (text) => `${text}\0`,
      (text) => `${text}\u200b`,
      (text) => `${text}\ud800`,
      (text) => `${text}\ud801`,
      (text) => `${text}\ufffd`,
    ),
    fc.constantFrom('', '\ud800', '\udfff', 'é', 'e\u0301', '%', '\\', '\u{1f514}'),
  )
  .map(([text, change, end]) => [`${text}${end}`, change(`${text}${end}`)] as const)
  .filter(([one, other]) => one !== other);

describe.each(Object.entries(engines))('on %s', (_engine, openStore) => {
  let server: TestBelfry;
  beforeAll(async () => {
    server = await startTestBelfry();
    await server.restart({ store: await openStore(), authenticate: () => signedIn });
  });
  afterAll(() => server.close());

  /** Its error's id, or null where it is accepted. */
  async function refusalOf(what: () => Promise<unknown>): Promise<string | null> {
    try {
      await what();
      return null;
    } catch (error) {
      return String(Reflect.get(Object(error), 'id'));
    }
  }

  /** Gives each of two keys a value, and tells whether the second took the place of the first; null where one is refused. */
  const kinds: Record<string, (one: string, other: string) => Promise<boolean | null>> = {
    async 'user ids'(one, other) {
      const topic = `t${server.clock.now()}`;
      if ((await refusalOf(() => server.belfry.joinTopic(topic, { user: one }))) !== null) return null;
      let topics: readonly string[] = [];
      const refusal = await refusalOf(async () => {
        topics = await server.belfry.topicsOf({ user: other });
      });
      return refusal === null ? topics.includes(topic) : null;
    },
    async 'session ids'(one, other) {
      signedIn = { userId: 'sessions', sessionId: one };
      const { status } = await server.post('/subscribe', { body: subscribeAtSink().subscription });
      if (status !== 201) return null;
      let ended = 0;
      const refusal = await refusalOf(async () => {
        ended = await server.belfry.endSession(other);
        await server.belfry.endSession(one);
      });
      return refusal === null ? ended > 0 : null;
    },
    async 'idempotency keys'(one, other) {
      const send = (title: string, idempotencyKey: string) =>
        refusalOf(() => server.belfry.notify('nobody', { title }, { idempotencyKey }));
      const refusals = [await send(`1 ${server.clock.now()}`, one), await send(`2 ${server.clock.now()}`, other)];
      // A key of an earlier run conflicts too, and says nothing here.
      if (refusals[0] !== null || refusals[1] === 'invalid-notify-options') return null;
      return refusals[1] === 'idempotency-conflict' && (await send('3', `${other}-unused`)) === null;
    },
  };

  test.each(Object.keys(kinds))('two different %s that are accepted stay two', async (kind) => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(idPairs, async ([one, other]) => {
        server.clock.advance(60_000);
        const met = await kinds[kind]?.(one, other);
        if (met !== null) accepted++;
        expect(met === true ? [one, other] : []).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  test.each(refusedIds)('a user id that is %s is refused everywhere alike', async (_what, id) => {
    const refusals = [
      () => server.belfry.notify(id, { title: 'x' }),
      () => server.belfry.notify({ users: ['ada', id] }, { title: 'x' }),
      () => server.belfry.joinTopic('news', id),
      () => server.belfry.leaveTopic('news', { user: id }),
      () => server.belfry.topicsOf({ user: id }),
      () => server.belfry.topicsOf({ device: id }),
      () => server.belfry.notify({ device: id }, { title: 'x' }),
      () => server.belfry.devicesOf(id),
      () => server.belfry.endSession(id),
    ].map(refusalOf);
    expect(new Set(await Promise.all(refusals))).toEqual(new Set(['invalid-target']));

    server.clock.advance(60_000);
    for (signedIn of [{ userId: id }, { userId: 'ada', sessionId: id }]) {
      const refused = { status: 503, body: { error: { id: 'identity-unavailable' } } };
      expect(await server.post('/subscribe', { body: subscribeAtSink().subscription })).toMatchObject(refused);
      expect(await server.post('/topics', { method: 'GET' })).toMatchObject(refused);
    }

    const headers = { authorization: `Bearer ${API_KEY}` };
    const body = { target: { user: id }, message: { title: 'x' } };
    expect(await server.post('/send', { headers, body })).toMatchObject({
      status: 400,
      body: { error: { id: 'invalid-target' } },
    });
  });

  test('a NUL in a path is refused', async () => {
    const headers = { authorization: `Bearer ${API_KEY}` };
    signedIn = { userId: 'ada' };
    const get = (path: string, method = 'GET') => server.post(path, { method, headers });
    expect(await get('/users/a%00b/devices')).toMatchObject({ status: 400, body: { error: { id: 'invalid-target' } } });
    expect(await get('/messages/a%00b')).toMatchObject({ status: 404, body: { error: { id: 'unknown-message' } } });
    expect(await get('/topics/a%00b', 'PUT')).toMatchObject({ status: 400, body: { error: { id: 'invalid-topic' } } });
    expect(await get('/topics/%ED%A0%80', 'PUT')).toMatchObject({ status: 404, body: { error: { id: 'not-found' } } });
  });

  test.each(refusedIds)('a message id that is %s is one that no message has', async (_what, id) => {
    expect(await server.belfry.messageStatus(id)).toBeUndefined();
    expect(await server.belfry.cancelMessage(id)).toBe('unknown-message');
  });

  test.each(['timeZone', 'lang', 'scope', 'origin', 'vapidPublicKey', 'deviceSecret'])(
    'a subscription whose %s is half a character is refused',
    async (field) => {
      server.clock.advance(60_000);
      const body = { ...subscribeAtSink().subscription, [field]: 'x\ud800' };
      signedIn = { userId: 'ada' };
      expect(await server.post('/subscribe', { body })).toMatchObject({
        status: 400,
        body: { error: { id: 'invalid-subscription', message: expect.stringContaining(field) } },
      });
    },
  );

  test.each(['a\0b', '\ud800'])('the collapseKey %j is refused', async (collapseKey) => {
    expect(await refusalOf(() => server.belfry.notify('ada', { title: 'x' }, { collapseKey }))).toBe(
      'invalid-notify-options',
    );
  });

  test('half a character in a message reaches the device as it is, since JSON escapes it', async () => {
    server.clock.advance(60_000);
    signedIn = { userId: 'surrogates' };
    const device = subscribeAtSink();
    await subscribeBrowser(server, { subscription: device.subscription });
    const body = 'An emoji cut in two: \ud83d';
    const sent = await server.belfry.notify('surrogates', {
      type: 'cut\ud83d',
      payload: { '\udd14': [body, 'NUL: \0'] },
      notification: { title: body, body, tag: '\ud83d' },
    });
    expect(await sent.settled()).toMatchObject([{ outcome: 'accepted' }]);
    expect(device.read(server.sink.received.at(-1))).toMatchObject({
      notification: {
        title: body,
        body,
        tag: '\ud83d',
        data: { belfry: { type: 'cut\ud83d', payload: { '\udd14': [body, 'NUL: \0'] } } },
      },
    });
  });

  test('an action whose name is half a character is refused: a click reports it', async () => {
    const notification = { title: 'x', actions: [{ action: '\ud83d', title: 'Reply' }] };
    expect(await refusalOf(() => server.belfry.notify('ada', { notification }))).toBe('invalid-message');
  });
});
