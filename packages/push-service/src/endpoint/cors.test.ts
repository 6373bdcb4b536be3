import { expect, test } from 'vitest';
import { request } from '../fixtures/push-sender.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';

test('a preflight of any URL allows every header that it asks for', async () => {
  const { service, endpoint } = await subscribed();
  for (const url of [endpoint, `${service.endpointOrigin}/elsewhere`]) {
    const answer = await request(service, url, {
      method: 'OPTIONS',
      headers: {
        ttl: undefined,
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-encoding,ttl',
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: '',
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'DELETE, GET, POST, PUT',
        'access-control-allow-headers': 'authorization,content-encoding,ttl',
        'access-control-max-age': '3600',
      },
    });
  }
});

test('OPTIONS that is no preflight is 405', async () => {
  const { service, endpoint } = await subscribed();
  expect((await request(service, endpoint, { method: 'OPTIONS' })).status).toBe(405);
});

test('a page may read every answer, good or bad, and the headers that it needs', async () => {
  const { service, client, endpoint } = await subscribed();
  await client.disconnect();
  const pushed = await request(service, endpoint);
  const answers = [
    pushed,
    await request(service, pushed.headers.location ?? '', { method: 'DELETE' }),
    await request(service, endpoint, { headers: { prefer: 'respond-async' } }),
    await request(service, endpoint, { headers: { ttl: undefined } }),
    await request(service, service.endpointOrigin),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 204, 202, 400, 404]);
  for (const { headers } of answers) {
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-expose-headers']).toBe(
      'Location, TTL, Link, Preference-Applied, Retry-After, WWW-Authenticate',
    );
  }
});
