import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
  await server.restart({ origins: [ORIGIN, 'http://localhost:5173'], authorizeTopic: () => true });
});
afterAll(() => server.close());

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly at?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A request of a browser that has the cookies of Ada. */
async function ask({ method, path, at = ORIGIN, headers = {}, body }: Ask): Promise<number> {
  server.clock.advance(60_000);
  const request = new Request(`${at}/api/push${path}`, {
    method,
    headers: { 'x-user': 'ada', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await server.belfry.handle(request)).status;
}

const sessionRoutes: [string, Ask, number][] = [
  ['POST /subscribe', { method: 'POST', path: '/subscribe', body: subscribeAtSink().subscription }, 201],
  ['DELETE /subscribe', { method: 'DELETE', path: '/subscribe', body: { deviceId: 'device-1' } }, 200],
  ['PUT /topics/:topic', { method: 'PUT', path: '/topics/news' }, 200],
  ['DELETE /topics/:topic', { method: 'DELETE', path: '/topics/news' }, 200],
  ['GET /topics', { method: 'GET', path: '/topics' }, 200],
  ['HEAD /topics', { method: 'HEAD', path: '/topics' }, 200],
];

describe.each(sessionRoutes)('%s', (_name, route, ok) => {
  const isRead = route.method === 'GET' || route.method === 'HEAD';

  test.each<[string, Pick<Ask, 'at' | 'headers'>, number]>([
    ['from our page', { headers: { origin: ORIGIN } }, ok],
    ['from our page, to a Belfry on another host', { at: 'https://push.example.com', headers: { origin: ORIGIN } }, ok],
    [
      'from evil.example, with its own Host',
      { at: 'http://evil.example', headers: { origin: 'http://evil.example' } },
      403,
    ],
    ['from evil.example', { headers: { origin: 'https://evil.example' } }, 403],
    ['from a sandboxed page', { headers: { origin: 'null' } }, 403],
    ['from two origins', { headers: { origin: `${ORIGIN}, ${ORIGIN}` } }, 403],
    ['from our origin over http', { headers: { origin: ORIGIN.replace('https', 'http') } }, 403],
    ['without an Origin, same-origin', { headers: { 'sec-fetch-site': 'same-origin' } }, ok],
    [
      'without an Origin, same-origin, behind a proxy that ends TLS',
      { at: ORIGIN.replace('https', 'http'), headers: { 'sec-fetch-site': 'same-origin' } },
      ok,
    ],
    [
      'without an Origin, same-origin, with the port that TLS has',
      { at: `${ORIGIN.replace('https', 'http')}:443`, headers: { 'sec-fetch-site': 'same-origin' } },
      ok,
    ],
    ['from the development server', { at: 'http://localhost:5173', headers: { 'sec-fetch-site': 'same-origin' } }, ok],
    [
      'from another port of the development machine',
      { at: 'http://localhost:8080', headers: { 'sec-fetch-site': 'same-origin' } },
      403,
    ],
    [
      'from a page whose name was made to resolve to us',
      { at: 'http://evil.example', headers: { 'sec-fetch-site': 'same-origin' } },
      403,
    ],
    ['from that page, in a browser without Sec-Fetch-Site', { at: 'http://evil.example' }, 403],
    ['by nobody who says where from', {}, isRead ? ok : 403],
    ['from another site of ours', { headers: { 'sec-fetch-site': 'same-site' } }, isRead ? ok : 403],
    [
      'with a made-up token, from a page whose name was made to resolve to us',
      { at: 'http://evil.example', headers: { authorization: 'Bearer x', 'sec-fetch-site': 'same-origin' } },
      403,
    ],
    [
      'with a token, from our page, to a Belfry on another host',
      { at: 'http://10.0.0.7:3000', headers: { authorization: 'Bearer token-of-ada', origin: ORIGIN } },
      ok,
    ],
    [
      'with a token, from a page of another site',
      { headers: { authorization: 'Bearer token-of-ada', origin: 'https://evil.example' } },
      403,
    ],
    [
      'with another scheme of authorization, which a browser may send by itself',
      {
        at: 'http://evil.example',
        headers: { authorization: 'Basic YTpi', 'sec-fetch-site': 'same-origin' },
      },
      403,
    ],
  ])('%s', async (_how, change, status) => {
    expect(await ask({ ...route, ...change })).toBe(status);
  });
});

test('who has a secret or a key is asked for neither Host nor Origin', async () => {
  const { deviceId, deviceSecret, subscription } = await subscribeBrowser(server);
  const at = 'http://evil.example';
  const headers = { origin: at };
  const body = { deviceId, deviceSecret, ...subscription };
  expect(await ask({ method: 'POST', path: '/resubscribe', at, headers, body })).toBe(200);
  expect(await ask({ method: 'DELETE', path: '/subscribe', at, headers, body })).toBe(200);
  expect(await ask({ method: 'GET', path: '/public-key', at, headers })).toBe(200);
  const withKey = { ...headers, authorization: `Bearer ${API_KEY}` };
  expect(await ask({ method: 'GET', path: '/users/ada/devices', at, headers: withKey })).toBe(200);
  const message = { target: 'ada', message: { title: 'x' } };
  expect(await ask({ method: 'POST', path: '/send', at, headers: withKey, body: message })).toBe(202);
});

test('the refusal says what to do about a proxy', async () => {
  const request = new Request('http://10.0.0.7/api/push/topics', { headers: { 'x-user': 'ada' } });
  expect(await (await server.belfry.handle(request)).json()).toMatchObject({
    error: { id: 'cross-site-request', message: expect.stringContaining('proxy_set_header Host $host;') },
  });
});
