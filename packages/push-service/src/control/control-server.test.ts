import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applicationServer } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger, startedService } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';
import type { PushService } from '../push-service.ts';
import { callControl, get, post, pushText, servedControl } from './control-request.test-data.ts';
import { CONTROL_ROUTES } from './control-routes.ts';

const error = (id: string, message: unknown = expect.any(String)) => ({ error: { id, message } });

const lastSegment = (endpoint: string) => new URL(endpoint).pathname.split('/').at(-1);

test('the reference lists every route', () => {
  const reference = readFileSync(
    new URL('../../../../docs/reference/push-service-control.md', import.meta.url),
    'utf8',
  );
  for (const { method, path } of CONTROL_ROUTES)
    expect(reference).toContain(`\`${method} ${path.replace(':id', 'ID')}`);
});

test('a subscription is made, listed without its endpoint, and expired by its number', async () => {
  const service = await startedService();
  const made = await post(service, '/api/subscriptions', { applicationServerKey: applicationServer.publicKey });
  expect(made).toMatchObject({ status: 201, headers: { 'content-type': 'application/json' } });
  expect(made.json).toEqual({
    id: 1,
    endpoint: expect.stringContaining(service.endpointOrigin),
    expirationTime: null,
    keys: { p256dh: expect.any(String), auth: expect.any(String) },
  });
  const subscription = service.createSubscription();
  expect(await pushText(service, subscription, 'Hello')).toBe(201);

  const listed = await get(service, '/api/subscriptions');
  expect(listed.json).toMatchObject({ subscriptions: [{ id: 2, userAgent: 'scripted', isLive: true }, { id: 1 }] });
  expect(listed.text).not.toContain(lastSegment(subscription.endpoint));

  expect(await post(service, '/api/subscriptions/2/expire')).toMatchObject({ status: 204, text: '' });
  expect(await pushText(service, subscription, 'Too late')).toBe(410);
  expect(await post(service, '/api/subscriptions/3/expire')).toMatchObject({
    status: 404,
    json: error('unknown-subscription'),
  });
});

test('a caller that knows nothing but an endpoint expires and rotates with it, and never reads it again', async () => {
  const service = await startedService();
  const [one, other] = [service.createSubscription(), service.createSubscription()];
  expect(await post(service, '/api/expire', { endpoint: one.endpoint })).toMatchObject({ status: 204 });
  expect(await post(service, '/api/rotate', { endpoint: other.endpoint })).toMatchObject({ status: 204 });
  expect(await pushText(service, one, 'Gone')).toBe(410);
  expect(await pushText(service, other, 'Gone')).toBe(410);
  const unknown = one.endpoint.slice(0, -2);
  const refused = await post(service, '/api/expire', { endpoint: unknown });
  expect(refused).toMatchObject({ status: 404, json: error('unknown-subscription') });
  expect(refused.text).not.toContain(lastSegment(unknown));
  expect(await post(service, '/api/expire', { endpoint: 7 })).toMatchObject({
    status: 400,
    json: error('invalid-request', 'endpoint: expected string'),
  });
});

test('a subscription is forgotten with its user agent', async () => {
  const service = await startedService();
  const subscription = service.createSubscription();
  expect(await post(service, `/api/subscriptions/${subscription.id}/rotate`)).toMatchObject({ status: 204 });
  expect(await pushText(service, subscription, 'Gone')).toBe(410);
});

test('personas are set for the service, an origin or a subscription', async () => {
  const { service, endpoint } = await subscribed();
  const put = (path: string, json: unknown) => callControl(service.controlUrl, path, { method: 'PUT', json });
  const persona = () => service.subscriptions()[0]?.persona;

  expect(await put('/api/persona', { persona: 'wns' })).toMatchObject({ status: 204 });
  expect(persona()).toBe('wns');
  const origin = service.endpointOrigin;
  expect(await put('/api/persona', { persona: 'apple', origin })).toMatchObject({ status: 204 });
  expect(persona()).toBe('apple');
  expect(await put('/api/subscriptions/1/persona', { persona: 'fcm' })).toMatchObject({ status: 204 });
  expect(persona()).toBe('fcm');
  expect(await put('/api/persona', { persona: 'mozilla', subscription: endpoint })).toMatchObject({ status: 204 });
  expect(persona()).toBe('mozilla');

  const unknown = { status: 400, json: error('unknown-persona') };
  expect(await put('/api/persona', { persona: 'opera' })).toMatchObject(unknown);
  expect(await post(service, '/api/subscriptions', { persona: 'opera' })).toMatchObject(unknown);
  expect(await put('/api/persona', { persona: 'fcm', origin: 'fcm.googleapis.com' })).toMatchObject({
    status: 400,
    json: error('invalid-request', 'origin: must be an origin, such as https://fcm.googleapis.com'),
  });
});

test('a fault is planned by endpoint, listed without it, happens and is gone; another is removed', async () => {
  const service = await startedService();
  const subscription = service.createSubscription();
  const fault = { type: 'status', status: 503 };
  const added = await post(service, '/api/faults', { fault, subscription: subscription.endpoint, times: 2 });
  expect(added).toMatchObject({ status: 201, json: { id: 1 } });
  expect(await post(service, '/api/faults', { fault: { type: 'drop' }, times: 'always', skip: 3 })).toMatchObject({
    json: { id: 2 },
  });
  const listed = await get(service, '/api/faults');
  expect(listed.json).toEqual({
    faults: [
      { id: 1, fault, subscription: subscription.id, skip: 0, times: 2 },
      { id: 2, fault: { type: 'drop' }, skip: 3, times: 'always' },
    ],
  });
  expect(await pushText(service, subscription, 'Fails')).toBe(503);
  expect(service.faults()).toMatchObject([
    { id: 1, times: 1 },
    { id: 2, times: Infinity },
  ]);

  const remove = (id: number) => callControl(service.controlUrl, `/api/faults/${id}`, { method: 'DELETE' });
  expect(await remove(2)).toMatchObject({ status: 204 });
  expect(await remove(2)).toMatchObject({ status: 404, json: error('not-found') });
});

test.each([
  ['a type that there is not', { fault: { type: 'explode' } }, 'invalid-fault'],
  ['no type', { fault: {} }, 'invalid-fault'],
  ['nothing', { times: 2 }, 'invalid-request'],
  ['half a fault', { fault: { type: 'delay' } }, 'invalid-fault'],
  ['minus one time', { fault: { type: 'drop' }, times: -1 }, 'invalid-fault'],
  ['now and then', { fault: { type: 'drop' }, times: 'sometimes' }, 'invalid-request'],
  ['a field that there is not', { fault: { type: 'drop' }, time: 2 }, 'invalid-request'],
])('a fault of %s is refused', async (_what, body, id) => {
  const service = await startedService();
  expect(await post(service, '/api/faults', body)).toMatchObject({ status: 400, json: error(id) });
});

test('pushes are listed the latest first, by subscription and up to a limit, sent again and forgotten', async () => {
  const service = await startedService();
  const [one, other] = [service.createSubscription(), service.createSubscription()];
  await pushText(service, one, '{"title":"First"}');
  await pushText(service, other, 'Second');
  await pushText(service, one, 'Third');
  const texts = async (query: string) => {
    const { json } = await get(service, `/api/pushes${query}`);
    return JSON.parse(JSON.stringify(json)).pushes.map((push: { text: string }) => push.text);
  };
  expect(await texts('')).toEqual(['Third', 'Second', '{"title":"First"}']);
  expect(await texts('?limit=1')).toEqual(['Third']);
  expect(await texts(`?subscription=${one.id}&limit=5`)).toEqual(['Third', '{"title":"First"}']);
  expect(await get(service, '/api/pushes?subscription=99')).toMatchObject({
    status: 404,
    json: error('unknown-subscription'),
  });
  expect((await get(service, '/api/pushes')).json).toMatchObject({
    pushes: [{}, {}, { id: 1, status: 201, state: 'delivered', json: { title: 'First' } }],
  });

  expect(await post(service, '/api/pushes/1/resend')).toMatchObject({ status: 204 });
  expect(service.pushes()[0]).toMatchObject({ resendOf: 1, text: '{"title":"First"}' });
  service.expireSubscription(other.id);
  expect(await post(service, '/api/pushes/2/resend')).toMatchObject({ status: 409, json: error('not-resendable') });
  expect(await post(service, '/api/pushes/99/resend')).toMatchObject({ status: 404, json: error('unknown-push') });

  expect(await callControl(service.controlUrl, '/api/pushes', { method: 'DELETE' })).toMatchObject({ status: 204 });
  expect(await texts('')).toEqual([]);
});

test.each(['?limit=0', '?limit=-1', '?limit=ten', '?limit=', '?subscription=1e3', '?page=2', '?limit=9999999999'])(
  'pushes%s is refused',
  async (query) => {
    const service = await startedService();
    expect(await get(service, `/api/pushes${query}`)).toMatchObject({ status: 400, json: error('invalid-request') });
  },
);

test('what is not there is 404, and another method 405 with those that there are', async () => {
  const service = await startedService();
  for (const path of [
    '/api',
    '/api/',
    '/nothing',
    '/api/subscriptions/x/expire',
    '/api/subscriptions/0/expire',
    '//',
  ]) {
    expect(await get(service, path)).toMatchObject({ status: 404, json: error('not-found') });
  }
  expect(await callControl(service.controlUrl, '/api/pushes', { method: 'PATCH' })).toMatchObject({
    status: 405,
    headers: { allow: 'GET, DELETE' },
    json: error('method-not-allowed'),
  });
  expect(await get(service, '/api/expire')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
});

test('a body that is no JSON, or too large, is refused; an empty one is one without fields', async () => {
  const service = await startedService();
  const send = (body: string | Uint8Array, headers = {}) =>
    callControl(service.controlUrl, '/api/subscriptions', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    });
  expect(await send('{')).toMatchObject({
    status: 400,
    json: error('invalid-request', 'The body must be a JSON object, in UTF-8'),
  });
  expect(await send(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ status: 400 });
  expect(await send('[]')).toMatchObject({ status: 400, json: error('invalid-request') });
  expect(await send('null')).toMatchObject({ status: 400, json: error('invalid-request') });
  expect(await send(`{"persona":"${'x'.repeat(131_072)}"}`)).toMatchObject({
    status: 413,
    json: error('body-too-large'),
  });
  const chunked = { 'transfer-encoding': 'chunked' };
  expect(await send(`{"persona":"${'x'.repeat(131_072)}"}`, chunked)).toMatchObject({ status: 413 });
  expect(service.subscriptions()).toEqual([]);
  expect(await send('')).toMatchObject({ status: 201 });
});

test('the service says of itself whose answers it gives, where, and whom to trust', async () => {
  const service = await startedService();
  service.setPersona('fcm');
  const { controlUrl: url, endpointOrigin, certificateAuthority } = service;
  expect((await callControl(url, '/api/service')).json).toEqual({
    persona: 'fcm',
    personas: ['rfc8030', 'fcm', 'mozilla', 'apple', 'wns'],
    endpointOrigin,
  });
  expect((await callControl(url, '/certificate-authority.pem')).text).toBe(certificateAuthority);
});

test('a fault of the service is 500, and its log does not quote what was sent', async () => {
  const logger = recordingLogger();
  const service = await startedService();
  const broken: PushService = {
    ...service,
    expireSubscription() {
      throw new RangeError('it quotes https://localhost/wpush/v2/secret');
    },
  };
  const url = await servedControl({ control: broken, logger });
  const json = { endpoint: 'https://localhost/wpush/v2/secret' };
  const failed = await callControl(url, '/api/expire', { method: 'POST', json });
  expect(failed).toMatchObject({ status: 500, json: error('internal-error', 'The service failed') });
  expect(logger.warnings).toEqual(['["A control request could not be handled",{"fault":"RangeError"}]']);
});
