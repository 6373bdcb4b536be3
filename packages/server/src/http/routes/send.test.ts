import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribeAtSink } from '../../testing/push-sink.test-data.ts';
import { API_KEY, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
});
afterAll(() => server.close());

const message = { title: 'x' };
const send = (body: unknown, headers: Record<string, string> = {}) =>
  server.post('/send', { user: null, headers: { authorization: `Bearer ${API_KEY}`, ...headers }, body });
const accepted = (devices: number | null) => ({
  status: 202,
  body: { data: { messageId: expect.any(String), devices } },
});
const refused = (status: number, id: string) => ({ status, body: { error: { id, message: expect.any(String) } } });

describe('a target', () => {
  test.each<[unknown, number | null]>([
    ['ada', 1],
    [{ user: 'ada' }, 1],
    [{ users: ['ada', 'nobody'] }, 1],
    [{ device: 'unknown' }, 0],
    [{ topic: 'news' }, null],
    [{ condition: "'a' in topics && !('b' in topics)" }, null],
    [{ all: true }, null],
  ])('%j is taken', async (target, devices) => {
    expect(await send({ target, message })).toEqual(accepted(devices));
  });

  test('of 1000 users with ids of 180 characters is taken, beside a message with every character escaped', async () => {
    const users = Array.from({ length: 1000 }, (_, n) => String(n).padStart(180, 'a'));
    const body = JSON.stringify({ target: { users }, message: { title: 'x', body: 'ä'.repeat(1500) } });
    expect(await send(body.replaceAll('ä', String.raw`\u00e4`))).toEqual(accepted(0));
    expect(await send(`${body}${' '.repeat(192 * 1024)}`)).toEqual(refused(413, 'body-too-large'));
  });

  test('of 1001 users is refused', async () => {
    const users = Array.from({ length: 1001 }, (_, n) => String(n));
    expect(await send({ target: { users }, message })).toEqual(refused(400, 'invalid-target'));
  });
});

describe('with Idempotency-Key', () => {
  test.each([
    ['no options', {}],
    ['options of null', { options: null }],
    ['options', { options: { ttl: 60 } }],
  ])('and %s, the same again is the same message, and another body is refused', async (what, options) => {
    const headers = { 'idempotency-key': what };
    const first = await send({ target: 'ada', message, ...options }, headers);
    expect(first).toEqual(accepted(1));
    expect(await send({ target: 'ada', message, ...options }, headers)).toEqual(first);
    expect(await send({ target: 'bob', message, ...options }, headers)).toEqual(refused(409, 'idempotency-conflict'));
    expect(await send({ target: 'ada', message, ...options }, { 'idempotency-key': `other than ${what}` })).not.toEqual(
      first,
    );
  });

  test('it says the same as options.idempotencyKey, which goes before it', async () => {
    const first = await send({ target: 'ada', message, options: { idempotencyKey: 'in the options' } });
    expect(await send({ target: 'ada', message }, { 'idempotency-key': 'in the options' })).toEqual(first);
    const both = { target: 'ada', message, options: { idempotencyKey: 'in the options' } };
    expect(await send(both, { 'idempotency-key': 'in the header' })).toEqual(first);
  });

  test.each([
    ['empty', ''],
    ['of 257 characters', 'k'.repeat(257)],
  ])('%s, the request is refused', async (_what, key) => {
    expect(await send({ target: 'ada', message }, { 'idempotency-key': key })).toEqual(
      refused(400, 'invalid-notify-options'),
    );
  });

  test('options that are none are refused as they are without it', async () => {
    for (const options of [7, 'text', [1]]) {
      const body = { target: 'ada', message, options };
      expect(await send(body, { 'idempotency-key': 'none' })).toEqual(refused(400, 'invalid-notify-options'));
    }
  });
});
