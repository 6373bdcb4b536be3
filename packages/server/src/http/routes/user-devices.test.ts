import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribeBrowser } from '../../testing/a-browser.test-data.ts';
import { API_KEY, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
});
afterAll(() => server.close());

const authorization = `Bearer ${API_KEY}`;
const ask = (id: string, headers: Record<string, string> = { authorization }) =>
  server.post(`/users/${id}/devices`, { method: 'GET', user: 'ada', headers });

test.each(['ada', 'a/b', 'ä ö', '{parameter}', 'u'.repeat(256)])('lists the devices of %j', async (user) => {
  await server.restart({ authenticate: () => user });
  const { deviceId } = await subscribeBrowser(server);
  expect(await ask(encodeURIComponent(user))).toEqual({
    status: 200,
    body: { data: { devices: [expect.objectContaining({ deviceId, state: 'live' })] } },
  });
});

test('a user without any has none', async () => {
  expect(await ask('nobody')).toEqual({ status: 200, body: { data: { devices: [] } } });
});

test('is for holders of an API key alone, whatever the id', async () => {
  for (const id of ['ada', 'nobody', '']) {
    for (const headers of [{}, { authorization: 'Bearer another-api-key-of-a-test' }]) {
      expect(await ask(id, headers)).toMatchObject({ status: 401, body: { error: { id: 'invalid-api-key' } } });
    }
  }
});

test.each([
  ['', 400, 'invalid-target'],
  ['%00', 400, 'invalid-target'],
  ['u'.repeat(257), 400, 'invalid-target'],
  ['%zz', 404, 'not-found'],
  ['a/b', 404, 'not-found'],
  // A URL's parser takes it for the folder above.
  ['%2E%2E', 404, 'not-found'],
])('the id %j is answered with %d %s', async (id, status, errorId) => {
  expect(await ask(id)).toMatchObject({ status, body: { error: { id: errorId } } });
});

test.each([
  '/users/ada',
  '/users/ada/',
  '/users/ada/devices/',
  '/users/ada/devices/x',
  '/users//ada/devices',
  '/users',
])('%s is no route', async (route) => {
  const answer = await server.post(route, { method: 'GET', headers: { authorization } });
  expect(answer).toMatchObject({ status: 404, body: { error: { id: 'not-found' } } });
});

test('any other method is told what there is', async () => {
  const request = new Request('https://app.example.com/api/push/users/ada/devices', { method: 'POST' });
  const response = await server.belfry.handle(request);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
