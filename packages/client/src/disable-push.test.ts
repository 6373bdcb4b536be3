import { expect, test } from 'vitest';
import { fakePage } from './fake-page.test-data.ts';
import { createPushClient } from './push-client.ts';

async function enabled() {
  const page = fakePage();
  const client = createPushClient(page);
  await client.enable();
  page.server.requests.splice(0);
  page.calls.splice(0);
  return { page, client };
}

test('disabling ends the subscription, tells the server, and forgets the device', async () => {
  const { page, client } = await enabled();
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(client.state).toBe('off');
  expect(page.calls).toEqual(['unsubscribe']);
  expect(page.server.requests).toMatchObject([
    { route: 'DELETE /api/push/subscribe', body: { endpoint: 'https://push.example/1' } },
  ]);
  expect(page.stored.size).toBe(0);
});

test('a device that was never enabled is off, and the server is not asked', async () => {
  const page = fakePage();
  page.permission = 'granted';
  expect(await createPushClient(page).disable()).toEqual({ outcome: 'off' });
  expect(page.server.requests).toEqual([]);
});

test('when the server fails this is told, the browser is unsubscribed, and a second call finishes it', async () => {
  const { page, client } = await enabled();
  const accept = page.server.routes['DELETE /api/push/subscribe'];
  page.server.routes['DELETE /api/push/subscribe'] = () => Promise.reject(new TypeError('Failed to fetch'));
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: null,
    server: { code: 'server-unreachable' },
  });
  expect(client.state).toBe('off');
  expect(page.subscription).toBeNull();

  if (accept) page.server.routes['DELETE /api/push/subscribe'] = accept;
  expect(await client.disable()).toEqual({ outcome: 'off' });
  expect(page.server.requests.map(({ body }) => body)).toEqual([
    { endpoint: 'https://push.example/1' },
    { endpoint: 'https://push.example/1' },
  ]);
});

test('when the browser fails this is told, and the server is asked all the same', async () => {
  const { page, client } = await enabled();
  page.unsubscribeError = new DOMException('…', 'AbortError');
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: { code: 'unsubscribe-failed', cause: page.unsubscribeError },
    server: null,
  });
  expect(page.server.requests).toHaveLength(1);
  expect(client.state).toBe('off');
});

test('when both fail both are told', async () => {
  const { page, client } = await enabled();
  page.unsubscribeError = new DOMException('…', 'AbortError');
  page.server.routes['DELETE /api/push/subscribe'] = () =>
    Response.json({ error: { id: 'not-signed-in', message: 'Sign in first' } }, { status: 401 });
  expect(await client.disable()).toMatchObject({
    outcome: 'failed',
    browser: { code: 'unsubscribe-failed' },
    server: { code: 'server-refused', serverErrorId: 'not-signed-in' },
  });
  expect(client.state).toBe('on');
});
