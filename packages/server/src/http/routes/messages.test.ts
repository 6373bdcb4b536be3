import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

const authorization = `Bearer ${API_KEY}`;
const ask = (method: 'GET' | 'DELETE', id: string, headers: Record<string, string> = { authorization }) =>
  server.post(`/messages/${id}`, { method, user: null, headers });

test('says how far a message is, and cancels it', async () => {
  const at = server.clock.now() + 60_000;
  const { id } = await server.belfry.notify({ all: true }, { title: 'x' }, { at });
  const status = { id, createdAt: server.clock.now(), runAt: at, deliveries: {}, receipts: {} };
  expect(await ask('GET', id)).toEqual({ status: 200, body: { data: { ...status, state: 'scheduled' } } });
  const cancelled = { status: 200, body: { data: { ...status, state: 'cancelled' } } };
  expect(await ask('DELETE', id)).toEqual(cancelled);
  expect(await ask('DELETE', id)).toEqual(cancelled);
  expect(await ask('GET', id)).toEqual(cancelled);
});

test('a message that is over stays what it is when it is cancelled', async () => {
  const { id } = await server.belfry.notify('nobody', { title: 'x' });
  expect(await ask('DELETE', id)).toMatchObject({ status: 200, body: { data: { id, state: 'done' } } });
});

test.each(['GET', 'DELETE'] as const)('%s is for holders of an API key alone, whatever the id', async (method) => {
  const { id } = await server.belfry.notify({ all: true }, { title: 'x' }, { at: server.clock.now() + 60_000 });
  for (const headers of [{}, { authorization: 'Bearer another-api-key-of-a-test' }, { 'x-user': 'ada' }]) {
    const refused = { status: 401, body: { error: { id: 'invalid-api-key' } } };
    expect(await ask(method, id, headers)).toMatchObject(refused);
    expect(await ask(method, 'unknown', headers)).toMatchObject(refused);
  }
  expect(await ask('GET', id)).toMatchObject({ body: { data: { state: 'scheduled' } } });
});

test.each([
  ['unknown', 'unknown-message'],
  ['', 'unknown-message'],
  ['%2F', 'unknown-message'],
  ['%2e%2e%2fsend', 'unknown-message'],
  ['%00', 'unknown-message'],
  ['{parameter}', 'unknown-message'],
  [':id', 'unknown-message'],
  ['%C3%A4', 'unknown-message'],
  ["'%20OR%201=1", 'unknown-message'],
  ['x'.repeat(5000), 'unknown-message'],
  ['%zz', 'not-found'],
  ['%ff', 'not-found'],
  ['a/b', 'not-found'],
])('the id %j is answered with 404 %s', async (id, errorId) => {
  for (const method of ['GET', 'DELETE'] as const) {
    expect(await ask(method, id)).toMatchObject({ status: 404, body: { error: { id: errorId } } });
  }
});

test('any other method is told what there is', async () => {
  const request = new Request('https://app.example.com/api/push/messages/x', { method: 'POST' });
  const response = await server.belfry.handle(request);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE']);
});
