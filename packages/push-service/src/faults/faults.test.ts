import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import { connectClient } from '../fixtures/autopush-client.test-data.ts';
import { connectSession, request } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger, startedService, steppedClock } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';

/** Status and Retry-After of pushes that are sent one after the other. */
async function statuses(service: Parameters<typeof request>[0], endpoint: string, count: number) {
  const answers = [];
  for (let sent = 0; sent < count; sent += 1) {
    const { status, headers } = await request(service, endpoint);
    answers.push(headers['retry-after'] === undefined ? status : `${status} after ${headers['retry-after']}`);
  }
  return answers;
}

test('faults make a script: one for each push, in the order in which they were added', async () => {
  const { service, endpoint, client } = await subscribed();
  service.addFault({ type: 'status', status: 503, retryAfterSeconds: 7 });
  service.addFault({ type: 'throttle', retryAfterSeconds: 3 }, { times: 2 });
  service.addFault({ type: 'status', status: 500 }, { skip: 1 });
  expect(await statuses(service, endpoint, 6)).toEqual(['503 after 7', '429 after 3', '429 after 3', 201, 500, 201]);
  expect([(await client.next()).messageType, await client.ping()]).toEqual(['notification', 'notification']);
  expect(service.faults()).toEqual([]);
});

test('a fault is for one subscription, or one origin, and others notice nothing', async () => {
  const { service, client, endpoint } = await subscribed();
  const other = await client.register();
  service.addFault({ type: 'status', status: 502 }, { subscription: other.endpoint, times: Number.POSITIVE_INFINITY });
  service.addFault({ type: 'status', status: 504 }, { origin: 'https://fcm.googleapis.com' });
  expect(await statuses(service, endpoint, 2)).toEqual([201, 201]);
  expect(await statuses(service, other.endpoint, 3)).toEqual([502, 502, 502]);
  const token = new URL(endpoint).pathname.split('/').at(-1);
  expect(await statuses(service, `https://fcm.googleapis.com/fcm/send/${token}`, 2)).toEqual([504, 201]);
});

test('a planned fault is listed with what is left of it, and can be taken back', async () => {
  const { service, endpoint } = await subscribed();
  const id = service.addFault({ type: 'status', status: 500 }, { subscription: { endpoint }, times: 3, skip: 1 });
  await request(service, endpoint);
  await request(service, endpoint);
  const fault = { type: 'status', status: 500 };
  expect(service.faults()).toEqual([{ id, fault, subscription: 1, origin: undefined, skip: 0, times: 2 }]);
  expect([service.removeFault(id), service.removeFault(id)]).toEqual([true, false]);
  expect((await request(service, endpoint)).status).toBe(201);
});

test('a delayed push is taken when its time has come, and not before', async () => {
  const clock = steppedClock();
  const { service, endpoint, client } = await subscribed({ clock });
  service.addFault({ type: 'delay', delayMs: 5000 });
  const slow = request(service, endpoint);
  // Answered later than the first was received, on another connection.
  expect((await request(service, endpoint)).status).toBe(201);
  const first = await client.next();
  clock.advanceSeconds(4);
  expect(await client.ping()).toBe('pong');
  clock.advanceSeconds(1);
  expect((await slow).status).toBe(201);
  expect((await client.next()).version).not.toBe(first.version);
});

test('a sender that gives up a delayed push is not waited for', async () => {
  const clock = steppedClock();
  const { service, endpoint, client } = await subscribed({ clock });
  service.addFault({ type: 'delay', delayMs: 5000 });
  const session = connectSession(service);
  const stream = session.request({ ':method': 'POST', ':path': new URL(endpoint).pathname, ttl: '60' });
  stream.on('error', () => {});
  const failed = Promise.withResolvers<void>();
  service.onPush(({ state }) => state === 'failed' && failed.resolve());
  stream.end();
  await once(session, 'remoteSettings');
  await new Promise((resolve) => session.ping(resolve));
  session.destroy();
  await failed.promise;
  clock.advanceSeconds(10);
  expect(await client.ping()).toBe('pong');
});

test('a body that is read slowly takes as long as its octets', async () => {
  const clock = steppedClock();
  const startedAt = clock.now();
  const { service, endpoint } = await subscribed({ clock });
  service.addFault({ type: 'slow-read', bytesPerSecond: 100 });
  const headers = { 'content-encoding': 'aes128gcm' };
  const slow = request(service, endpoint, { headers, body: new Uint8Array(1000) });
  const progress = { isAnswered: false };
  void slow.finally(() => {
    progress.isAnswered = true;
  });
  // A request apart, so that what each second brings is done before the next. None of them outlives the test.
  for (; !progress.isAnswered; await request(service, endpoint)) clock.advanceSeconds(1);
  expect((await slow).status).toBe(201);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(10_000);
});

test('a dropped push is accepted, and never delivered', async () => {
  const { service, endpoint, client, uaid } = await subscribed();
  service.addFault({ type: 'drop' });
  const { status, headers } = await request(service, endpoint);
  expect([status, headers.location === undefined]).toEqual([201, false]);
  expect(await client.ping()).toBe('pong');
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect(await again.ping()).toBe('pong');
  expect(service.pushes().map(({ state }) => state)).toEqual(['dropped']);
});

test('a push without answer stays open until its sender gives up', async () => {
  const { service, endpoint } = await subscribed();
  service.addFault({ type: 'no-answer' });
  const session = connectSession(service);
  const stream = session.request({ ':method': 'POST', ':path': new URL(endpoint).pathname, ttl: '60' });
  const settled: string[] = [];
  for (const event of ['response', 'error', 'close']) stream.on(event, () => settled.push(event));
  stream.end();
  expect((await request(service, endpoint)).status).toBe(201);
  await new Promise((resolve) => session.ping(resolve));
  expect(settled).toEqual([]);
  session.destroy();
});

test('a reset ends one stream, and leaves its connection to others', async () => {
  const { service, endpoint } = await subscribed();
  service.addFault({ type: 'reset' });
  const session = connectSession(service);
  const post = (): http2.ClientHttp2Stream => {
    const headers = { ':method': 'POST', ':path': new URL(endpoint).pathname, ttl: '60' };
    return session.request({ ...headers, 'content-encoding': 'aes128gcm' });
  };
  const [first, second] = [post(), post()];
  first.write(new Uint8Array(10));
  const [error] = await once(first, 'error').catch((thrown: unknown) => [thrown]);
  expect(String(error)).toContain('NGHTTP2_INTERNAL_ERROR');
  second.end(new Uint8Array(10));
  expect((await once(second, 'response'))[0][':status']).toBe(201);
  session.destroy();
});

test('a GOAWAY leaves its push out, finishes those before it, and ends the connection', async () => {
  const clock = steppedClock();
  const { service, endpoint } = await subscribed({ clock });
  service.addFault({ type: 'delay', delayMs: 1000 });
  service.addFault({ type: 'goaway' });
  const session = connectSession(service);
  const post = (): http2.ClientHttp2Stream =>
    session.request({ ':method': 'POST', ':path': new URL(endpoint).pathname, ttl: '60' }, { endStream: true });
  const earlier = post();
  const answered = once(earlier, 'response');
  const refused = post();
  const lastProcessed = once(session, 'goaway').then((event: unknown[]) => event[1]);
  await new Promise<void>((resolve) => refused.once('error', () => {}).once('close', resolve));
  expect(refused.rstCode).toBe(http2.constants.NGHTTP2_REFUSED_STREAM);
  expect(await lastProcessed).toBe(earlier.id);
  clock.advanceSeconds(1);
  expect((await answered)[0][':status']).toBe(201);
  await once(session, 'close');
  expect((await request(service, endpoint)).status).toBe(201);
});

test.each(['reset', 'goaway'] as const)('over HTTP/1.1, %s cuts the connection', async (type) => {
  const { service, endpoint } = await subscribed();
  service.addFault({ type });
  const { address, certificateAuthority: ca } = service;
  const sent = https.request(endpoint, {
    method: 'POST',
    headers: { ttl: '60' },
    ca,
    ...address,
    servername: 'localhost',
  });
  sent.end('body');
  const [error] = await once(sent, 'error').catch((thrown: unknown) => [thrown]);
  expect(String(error)).toMatch(/socket hang up|ECONNRESET/);
  expect((await request(service, endpoint)).status).toBe(201);
});

test('a sender that has gone before its reset leaves an entry and no warning', async () => {
  const logger = recordingLogger();
  const { service, endpoint } = await subscribed({ logger });
  service.addFault({ type: 'reset' });
  const failed = Promise.withResolvers<void>();
  service.onPush(({ state }) => state === 'failed' && failed.resolve());
  const { host, port } = service.address;
  const socket = tls.connect({ host, port, servername: 'localhost', ca: service.certificateAuthority });
  // The reset comes as an error where it arrives before the socket is destroyed.
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const path = new URL(endpoint).pathname;
  socket.end(`POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nTTL: 60\r\nContent-Length: 100\r\n\r\n`);
  await failed.promise;
  socket.destroy();
  expect(logger.warnings).toEqual([]);
});

test('a subscription that expires is gone from that push on', async () => {
  const { service, endpoint, client } = await subscribed();
  const other = await client.register();
  service.addFault({ type: 'expire' }, { subscription: endpoint });
  expect(await statuses(service, endpoint, 2)).toEqual([410, 410]);
  expect(await statuses(service, other.endpoint, 1)).toEqual([201]);
});

test('a user agent whose keys are rotated is sent away, and has another name when it comes back', async () => {
  const { service, endpoint, client, uaid } = await subscribed();
  const other = await client.register();
  service.addFault({ type: 'rotate' });
  expect(await statuses(service, endpoint, 1)).toEqual([410]);
  await client.closed;
  expect(await statuses(service, other.endpoint, 1)).toEqual([410]);
  const again = await connectClient(service.autopushUrl);
  expect(await again.hello(uaid)).not.toBe(uaid);
});

test.each([
  ['an unknown type', { type: 'burn' }],
  ['a delay that is no number', { type: 'delay', delayMs: Number.NaN }],
  ['a status outside HTTP', { type: 'status', status: 99 }],
  ['a pace of nothing', { type: 'slow-read', bytesPerSecond: 0 }],
  ['a property too many', { type: 'drop', delayMs: 1 }],
])('%s is no fault, and nothing is planned', async (_name, fault) => {
  const service = await startedService();
  // @ts-expect-error -- what a test without types may pass
  expect(() => service.addFault(fault)).toThrow(expect.objectContaining({ code: 'invalid-fault' }));
  expect(service.faults()).toEqual([]);
});
