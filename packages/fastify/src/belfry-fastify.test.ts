import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateVapidKeys } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { belfryFastify } from './belfry-fastify.ts';

let folder: string;
let app: FastifyInstance;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-fastify-'));
  app = Fastify();
  await app.register(belfryFastify, {
    store: sqlite(join(folder, 'belfry.db')),
    subject: 'mailto:ops@example.com',
    origins: ['https://app.example.com'],
    authenticate: (request) => request.headers['x-user']?.toString(),
    env: {},
  });
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const subscription = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/token',
  keys: { p256dh: generateVapidKeys().publicKey, auth: 'A'.repeat(22) },
};
const headers = { 'x-user': 'ada', origin: 'https://app.example.com' };

test('the routes answer below the prefix', async () => {
  const { statusCode, body } = await app.inject({ url: '/api/push/public-key' });
  expect([statusCode, JSON.parse(body)]).toEqual([200, { publicKey: expect.any(String) }]);
  expect((await app.inject({ url: '/api/push/nothing' })).json()).toMatchObject({ error: { id: 'not-found' } });
});

test('a browser subscribes, as the user whom Fastify’s own request names', async () => {
  const request = { method: 'POST', url: '/api/push/subscribe', payload: subscription } as const;
  expect((await app.inject({ ...request, headers })).statusCode).toBe(201);
  const nobody = await app.inject({ ...request, headers: { origin: headers.origin } });
  expect([nobody.statusCode, nobody.json()]).toMatchObject([401, { error: { id: 'not-signed-in' } }]);
});

test('a body is read by Belfry, whatever it is, and a too large one is refused', async () => {
  const request = {
    method: 'POST',
    url: '/api/push/subscribe',
    headers: { ...headers, 'content-type': 'application/json' },
  } as const;
  expect((await app.inject({ ...request, payload: '{' })).json()).toMatchObject({ error: { id: 'invalid-json' } });
  const large = await app.inject({ ...request, payload: JSON.stringify({ ...subscription, x: 'x'.repeat(20_000) }) });
  expect([large.statusCode, large.json()]).toMatchObject([413, { error: { id: 'body-too-large' } }]);
  const form = await app.inject({ ...request, headers: { ...headers, 'content-type': 'text/plain' }, payload: 'a=b' });
  expect(form.json()).toMatchObject({ error: { id: 'unsupported-media-type' } });
});

test('the routes of the application keep their own body parsers', async () => {
  app.post('/own', (request) => request.body);
  expect((await app.inject({ method: 'POST', url: '/own', payload: { a: 1 } })).json()).toEqual({ a: 1 });
});

test('in a scope with a prefix, the routes have both', async () => {
  const outer = Fastify();
  await outer.register(
    async (scope) => {
      await scope.register(belfryFastify, {
        store: sqlite(join(folder, 'scoped.db')),
        subject: 'mailto:ops@example.com',
        origins: ['https://app.example.com'],
        authenticate: () => null,
        env: {},
      });
    },
    { prefix: '/v1' },
  );
  expect((await outer.inject({ url: '/v1/api/push/public-key' })).statusCode).toBe(200);
  await outer.close();
});

test('a request without a proper Host is answered all the same', async () => {
  const { statusCode } = await app.inject({ url: '/api/push/public-key', headers: { host: '::not a host::' } });
  expect(statusCode).toBe(200);
});

test('app.notify sends, and closing the app closes Belfry', async () => {
  expect(await app.notify('nobody', { title: 'Hello' })).toMatchObject({ devices: 0 });
  await app.close();
  await expect(app.notify('nobody', { title: 'Hello' })).rejects.toMatchObject({ id: 'closed' });
});
