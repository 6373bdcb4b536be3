import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { belfryFastify } from '@belfry/fastify';
import { sqlite } from '@belfry/store/sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nginx, startNginx } from './start-nginx.test-data.ts';

let app: FastifyInstance;
let nginx: Nginx;
beforeAll(async () => {
  app = Fastify({ trustProxy: '127.0.0.1' });
  await app.register(belfryFastify, {
    store: sqlite(':memory:'),
    subject: 'mailto:ops@example.com',
    origins: ['https://app.example.com'],
    authenticate: ({ headers }) => headers['x-user']?.toString(),
    env: {},
  });
  app.get('/own', async () => 'hello');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  nginx = await startNginx(Number(new URL(address).port));
}, 300_000);
afterAll(async () => {
  await nginx.stop();
  await app.close();
});

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

/** The status, over a connection of its own to nginx. */
async function ask({ method = 'GET', path, headers = {}, body }: Ask): Promise<number> {
  const agent = new Agent({ keepAlive: false });
  // What hangs ends before nginx gives up after 60 s.
  const sent = request(nginx.origin + path, { method, headers, agent, signal: AbortSignal.timeout(25_000) });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

const large = Buffer.alloc(1_000_000, 0x20);
const json = { 'content-type': 'application/json' };

test.each<[string, Ask, number]>([
  ['too large', { path: '/api/push/resubscribe', method: 'POST', headers: json, body: large }, 413],
  [
    'of another type',
    { path: '/api/push/receipts', method: 'POST', headers: { 'content-type': 'text/plain' }, body: large },
    415,
  ],
  [
    'of another site',
    { path: '/api/push/subscribe', method: 'POST', headers: { ...json, origin: 'http://evil' }, body: large },
    403,
  ],
  ['without a key', { path: '/api/push/send', method: 'POST', headers: json, body: large }, 401],
  ['for no route', { path: '/api/push/nothing', method: 'POST', headers: json, body: large }, 404],
  ['for another method', { path: '/api/push/public-key', method: 'PUT', headers: json, body: large }, 405],
])('after 16 bodies that are refused as %s, 16 visitors are served at once', async (_what, refused, status) => {
  const visitors = () => Array.from({ length: 16 }, () => ask({ path: '/own' }));
  // nginx has its pool of connections.
  await Promise.all(visitors());
  expect(await Promise.all(Array.from({ length: 16 }, () => ask(refused)))).toEqual(
    Array.from({ length: 16 }, () => status),
  );
  expect(new Set(await Promise.all(visitors()))).toEqual(new Set([200]));
});

test.each<[Record<string, string>, number]>([
  [{ host: 'app.example.com' }, 200],
  [{ host: 'evil.example' }, 403],
  [{ host: 'evil.example', 'x-forwarded-host': 'app.example.com' }, 403],
  [{ host: 'evil.example', 'x-forwarded-host': 'evil.example, app.example.com' }, 403],
  [{ host: 'evil.example', forwarded: 'host=app.example.com' }, 403],
])('a user’s request with %j is answered by its Host alone', async (headers, status) => {
  expect(await ask({ path: '/api/push/topics', headers: { 'x-user': 'ada', ...headers } })).toBe(status);
});
