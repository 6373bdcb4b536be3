import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type AutopushClient, connectClient } from '../fixtures/autopush-client.test-data.ts';
import { applicationServer, authorize, connectSession, request } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger, steppedClock } from '../fixtures/started-service.test-data.ts';
import { type Subscribed, subscribed } from '../fixtures/subscribed.test-data.ts';
import type { PushService } from '../push-service.ts';

async function pendingAfterReconnect({ service, uaid }: Subscribed): Promise<AutopushClient> {
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  return again;
}

const aes128gcm = { 'content-encoding': 'aes128gcm' };

test('a push is answered with 201, the message URL and the TTL, over HTTP/2', async () => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: { ...aes128gcm, ttl: '7' }, body: Uint8Array.of(1) });
  expect(answer).toMatchObject({ status: 201, body: '', headers: { ttl: '7' } });
  expect(answer.headers.location).toMatch(new RegExp(`^${service.endpointOrigin}/m/[\\w-]{22}$`));
});

/** One POST over HTTP/1.1; written before it is ended, its body is chunked, so that its size is not declared. */
async function postHttp1(service: PushService, endpoint: string, options: { body: Uint8Array; agent?: https.Agent }) {
  const sent = https.request(endpoint, {
    method: 'POST',
    headers: { ttl: '60', ...aes128gcm },
    ca: service.certificateAuthority,
    ...service.address,
    servername: 'localhost',
    agent: options.agent,
  });
  sent.write(options.body);
  sent.end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, body: await text(response) };
}

test('a push is taken over HTTP/1.1', async () => {
  const { service, client, endpoint } = await subscribed();
  expect(await postHttp1(service, endpoint, { body: Uint8Array.of(1) })).toEqual({ status: 201, body: '' });
  expect(await client.next()).toMatchObject({ data: 'AQ' });
});

test.each([
  ['no TTL', { ttl: undefined }, 400, 111],
  ['a TTL that is no number', { ttl: 'soon' }, 400, 112],
  ['a negative TTL', { ttl: '-1' }, 400, 112],
  ['a topic that is too long', { topic: 'x'.repeat(33) }, 400, 113],
  ['a topic outside the alphabet', { topic: 'a b' }, 400, 113],
  ['a body without encoding', {}, 400, 110],
  ['a body of another encoding', { 'content-encoding': 'aesgcm' }, 400, 110],
  ['a body with headers of the older draft', { ...aes128gcm, 'crypto-key': 'dh=AAAA' }, 400, 110],
  ['a sender with a bad Authorization', { authorization: 'vapid t=x' }, 401, 109],
])('%s is refused as Mozilla does', async (_name, headers, status, errno) => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers, body: Uint8Array.of(1) });
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({
    code: status,
    errno,
    error: expect.any(String),
    message: expect.any(String),
  });
});

test('an unknown URL is 404 with errno 102, and an unregistered one 410 with errno 106', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  for (const url of [`${service.endpointOrigin}/wpush/v2/${'A'.repeat(43)}`, service.endpointOrigin, `${endpoint}/x`]) {
    const unknown = await request(service, url);
    expect([unknown.status, JSON.parse(unknown.body).errno]).toEqual([404, 102]);
  }
  client.send({ messageType: 'unregister', channelID });
  await client.next();
  const gone = await request(service, endpoint);
  expect([gone.status, JSON.parse(gone.body).errno]).toEqual([410, 106]);
});

test.each(['GET', 'PUT', 'DELETE'])('%s of an endpoint is 405', async (method) => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { method });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
});

test('a body of 4096 bytes is taken, and one of 4097 is 413 with errno 104', async () => {
  const { service, endpoint } = await subscribed();
  const send = (size: number) => request(service, endpoint, { headers: aes128gcm, body: new Uint8Array(size) });
  expect((await send(4096)).status).toBe(201);
  const refused = await send(4097);
  expect([refused.status, JSON.parse(refused.body).errno]).toEqual([413, 104]);
});

test('a body declared too large is refused before any of it is sent', async () => {
  const { service, endpoint } = await subscribed();
  const session = connectSession(service);
  const stream = session.request({
    ':method': 'POST',
    ':path': new URL(endpoint).pathname,
    ttl: '60',
    'content-length': '4097',
  });
  const [headers] = await once(stream, 'response');
  session.destroy();
  expect(headers[':status']).toBe(413);
});

test('a body too large over HTTP/1.1 is answered, and its connection serves the next request', async () => {
  const { service, endpoint } = await subscribed();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  expect((await postHttp1(service, endpoint, { agent, body: new Uint8Array(200_000) })).status).toBe(413);
  expect((await postHttp1(service, endpoint, { agent, body: new Uint8Array(10) })).status).toBe(201);
  agent.destroy();
});

test('a push whose subscription ends while its body is sent is 410', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const session = connectSession(service);
  const path = new URL(endpoint).pathname;
  const headers = { ttl: '60', ...aes128gcm, expect: '100-continue' };
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
  stream.write(Uint8Array.of(1));
  // 100 Continue says that the service has the headers.
  await once(stream, 'continue');
  client.send({ messageType: 'unregister', channelID });
  await client.next();
  stream.end();
  const [answered] = await once(stream, 'response');
  session.destroy();
  expect(answered[':status']).toBe(410);
});

test('a sender that is cut off over HTTP/1.1 harms nobody', async () => {
  const log = recordingLogger();
  const { service, client, endpoint } = await subscribed({ logger: log });
  const { host, port } = service.address;
  const socket = tls.connect({ host, port, servername: 'localhost', ca: service.certificateAuthority });
  await once(socket, 'secureConnect');
  socket.write(
    `POST ${new URL(endpoint).pathname} HTTP/1.1\r\nHost: ${new URL(endpoint).host}\r\nTTL: 60\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n`,
  );
  // 100 Continue says that the service has the headers.
  await once(socket, 'data');
  socket.write('a');
  socket.destroy();
  expect((await request(service, endpoint)).status).toBe(201);
  expect(Object.hasOwn(await client.next(), 'data')).toBe(false);
  expect(log.warnings).toEqual([]);
});

test.each([
  ['while its body is read', undefined],
  ['while its token is verified', applicationServer.publicKey],
])('a push that its sender breaks off %s is not delivered', async (_name, key) => {
  const log = recordingLogger();
  const { service, client, endpoint } = await subscribed({ logger: log, ...(key === undefined ? {} : { key }) });
  const headers = key === undefined ? {} : authorize({ service, keys: applicationServer, now: Date.now() });
  const session = connectSession(service);
  // Until then Node answers a ping by itself.
  await once(session, 'connect');
  const path = new URL(endpoint).pathname;
  const stream = session.request({ ':method': 'POST', ':path': path, ttl: '60', ...aes128gcm, ...headers });
  const closed = new Promise<void>((resolve) => stream.once('error', () => {}).once('close', resolve));
  stream.write(Uint8Array.of(1));
  await new Promise<void>((resolve) => session.ping(() => resolve()));
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await closed;
  session.destroy();
  // A push after it is the next that arrives, and the last.
  const { location } = (await request(service, endpoint, { headers })).headers;
  expect(location?.endsWith((await client.next()).version)).toBe(true);
  expect(await client.ping()).toBe('pong');
  expect(log.warnings).toEqual([]);
});

test('the TTL is clamped to 30 days', async () => {
  const clock = steppedClock();
  const all = await subscribed({ clock });
  await all.client.disconnect();
  const answer = await request(all.service, all.endpoint, { headers: { ttl: '9999999999' } });
  expect(answer.headers['ttl']).toBe('2592000');
  clock.advanceSeconds(2_592_000 - 1);
  expect((await (await pendingAfterReconnect(all)).next()).messageType).toBe('notification');
  clock.advanceSeconds(1);
  expect(await (await pendingAfterReconnect(all)).ping()).toBe('pong');
});

test('TTL 0 reaches a user agent that is connected and is never kept', async () => {
  const all = await subscribed();
  await request(all.service, all.endpoint, { headers: { ttl: '0' } });
  expect((await all.client.next()).messageType).toBe('notification');
  await all.client.disconnect();
  const answer = await request(all.service, all.endpoint, { headers: { ttl: '0' } });
  expect([answer.status, answer.headers['ttl']]).toEqual([201, '0']);
  expect(await (await pendingAfterReconnect(all)).ping()).toBe('pong');
});

test('a topic replaces the undelivered message of that topic and subscription only', async () => {
  const all = await subscribed();
  const other = await all.client.register();
  await all.client.disconnect();
  const push = (endpoint: string, octet: number, topic?: string) =>
    request(all.service, endpoint, { headers: { ...aes128gcm, topic }, body: Uint8Array.of(octet) });
  await push(all.endpoint, 1, 'score');
  await push(all.endpoint, 2, 'mail');
  await push(all.endpoint, 3);
  await push(other.endpoint, 4, 'score');
  await push(all.endpoint, 5, 'score');
  const again = await pendingAfterReconnect(all);
  const data = [await again.next(), await again.next(), await again.next(), await again.next()];
  expect(data.map((frame) => Object.entries(frame).find(([name]) => name === 'data')?.[1])).toEqual([
    'Ag',
    'Aw',
    'BA',
    'BQ',
  ]);
  expect(await again.ping()).toBe('pong');
});

test('a topic with TTL 0 takes away the message that it replaces', async () => {
  const all = await subscribed();
  await all.client.disconnect();
  await request(all.service, all.endpoint, { headers: { topic: 'score' } });
  await request(all.service, all.endpoint, { headers: { topic: 'score', ttl: '0' } });
  expect(await (await pendingAfterReconnect(all)).ping()).toBe('pong');
});

test('a pending message can be deleted at its Location, once', async () => {
  const all = await subscribed();
  await all.client.disconnect();
  const { location } = (await request(all.service, all.endpoint)).headers;
  const remove = () => request(all.service, location ?? '', { method: 'DELETE' });
  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(404);
  expect(await (await pendingAfterReconnect(all)).ping()).toBe('pong');
});

test('a message resource is for DELETE only', async () => {
  const { service, endpoint } = await subscribed();
  const { location } = (await request(service, endpoint)).headers;
  for (const method of ['GET', 'POST', 'PUT']) {
    const answer = await request(service, location ?? '', { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'DELETE']);
  }
});

test('an expired message cannot be deleted', async () => {
  const clock = steppedClock();
  const { service, endpoint } = await subscribed({ clock });
  const { location } = (await request(service, endpoint, { headers: { ttl: '10' } })).headers;
  clock.advanceSeconds(10);
  expect((await request(service, location ?? '', { method: 'DELETE' })).status).toBe(404);
});

test('a subscription with a key takes pushes of its application server alone', async () => {
  // Firefox pads the key.
  const { service, endpoint } = await subscribed({ key: `${applicationServer.publicKey}=` });
  const headers = authorize({ service, keys: applicationServer, now: Date.now() });
  expect((await request(service, endpoint, { headers })).status).toBe(201);
  const refused = await request(service, endpoint);
  expect([refused.status, JSON.parse(refused.body).errno]).toEqual([401, 109]);
  expect(refused.headers['www-authenticate']).toBe('vapid');
});

test('a push that cannot be written is 500, and listed as that, and the next one is taken', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'belfry-endpoint-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const { service, endpoint, client } = await subscribed({ dataDir });
  await client.disconnect();
  const other = new DatabaseSync(join(dataDir, 'push-service.db'));
  other.exec('BEGIN IMMEDIATE');
  expect((await request(service, endpoint)).status).toBe(500);
  expect(service.pushes()).toMatchObject([{ status: 500, state: 'failed' }]);
  other.exec('ROLLBACK');
  other.close();
  expect((await request(service, endpoint)).status).toBe(201);
  expect(service.subscriptions()).toMatchObject([{ waiting: 1 }]);
});

test('a push after the data folder was replaced is 503, and so is a check-in', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'belfry-endpoint-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const { service, endpoint } = await subscribed({ dataDir });
  expect((await request(service, endpoint)).status).toBe(201);
  rmSync(join(dataDir, 'push-service.db'));
  const refused = await request(service, endpoint);
  expect([refused.status, JSON.parse(refused.body).errno]).toEqual([503, 201]);
  const checkIn = await fetch(service.chromium.checkinUrl, { method: 'POST', body: new Uint8Array() });
  expect(checkIn.status).toBe(503);
});
