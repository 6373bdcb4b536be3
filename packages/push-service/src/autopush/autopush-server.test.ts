import { once } from 'node:events';
import { decodeBase64Url } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectClient } from '../fixtures/autopush-client.test-data.ts';
import { applicationServer, connectSession, request } from '../fixtures/push-sender.test-data.ts';
import { startedService, steppedClock } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';

const body = Uint8Array.of(1, 2, 250, 255);
const withBody = { body, headers: { 'content-encoding': 'aes128gcm' } };

test('a hello is answered with a uaid, and a register with an endpoint that nobody can guess', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  client.send({ messageType: 'hello', broadcasts: {}, use_webpush: true });
  expect(await client.next()).toMatchObject({
    messageType: 'hello',
    uaid: expect.stringMatching(/^[0-9a-f]{32}$/),
    status: 200,
    use_webpush: true,
    broadcasts: {},
  });
  const { endpoint } = await client.register();
  expect(endpoint.startsWith(`${service.endpointOrigin}/wpush/v2/`)).toBe(true);
  expect(decodeBase64Url(endpoint.slice(endpoint.lastIndexOf('/') + 1))).toHaveLength(32);
});

test('a channel registered again with its key keeps its endpoint, and with another key it gets a new one', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const { channelID, endpoint } = await client.register();
  client.send({ messageType: 'register', channelID });
  expect((await client.next()).pushEndpoint).toBe(endpoint);
  client.send({ messageType: 'register', channelID, key: applicationServer.publicKey });
  expect((await client.next()).pushEndpoint).not.toBe(endpoint);
  expect((await request(service, endpoint)).status).toBe(410);
});

test('a register with a key that is no point on P-256 is answered with 400', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const channelID = crypto.randomUUID();
  client.send({ messageType: 'register', channelID, key: 'AAAA' });
  expect(await client.next()).toMatchObject({ messageType: 'register', channelID, status: 400 });
});

test('a message reaches the connected user agent byte for byte', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const { channelID, endpoint } = await client.register();
  await request(service, endpoint, withBody);
  expect(await client.next()).toMatchObject({
    messageType: 'notification',
    channelID,
    data: 'AQL6_w',
    headers: { encoding: 'aes128gcm' },
  });
});

test('a message without payload has neither data nor headers', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const { endpoint } = await client.register();
  await request(service, endpoint);
  const frame = await client.next();
  expect(frame.messageType).toBe('notification');
  expect(Object.keys(frame)).not.toEqual(expect.arrayContaining(['data']));
  expect(Object.keys(frame)).not.toEqual(expect.arrayContaining(['headers']));
});

test('messages that were not acknowledged come again with the next hello, in their order, until they are', async () => {
  const service = await startedService();
  const first = await connectClient(service.autopushUrl);
  const uaid = await first.hello();
  const { channelID, endpoint } = await first.register();
  await request(service, endpoint);
  await request(service, endpoint);
  const versions = [(await first.next()).version, (await first.next()).version];
  await first.disconnect();
  await request(service, endpoint);

  const second = await connectClient(service.autopushUrl);
  expect(await second.hello(uaid)).toBe(uaid);
  expect([(await second.next()).version, (await second.next()).version]).toEqual(versions);
  const third = (await second.next()).version;
  for (const version of [...versions, third]) second.ack(channelID, version, 100);
  expect(await second.ping()).toBe('pong');
  await second.disconnect();

  const last = await connectClient(service.autopushUrl);
  expect(await last.hello(uaid)).toBe(uaid);
  expect(await last.ping()).toBe('pong');
});

test.each([101, 102])('a message acknowledged with %i is dropped too', async (code) => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const { channelID, endpoint } = await client.register();
  await request(service, endpoint);
  client.ack(channelID, (await client.next()).version, code);
  expect(await client.ping()).toBe('pong');
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect(await again.ping()).toBe('pong');
});

test('a nack, a broadcast subscription and an unknown type are taken without an answer', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  client.send({ messageType: 'nack', version: 'v', code: 302 });
  client.send({ messageType: 'broadcast_subscribe', broadcasts: {} });
  client.send({ messageType: 'urgency', min: 'high' });
  expect(await client.ping()).toBe('pong');
});

test('another user agent cannot acknowledge a message', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const { channelID, endpoint } = await client.register();
  await request(service, endpoint);
  const { version } = await client.next();
  const stranger = await connectClient(service.autopushUrl);
  await stranger.hello();
  stranger.ack(channelID, version);
  expect(await stranger.ping()).toBe('pong');
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect((await again.next()).version).toBe(version);
});

test('a uaid is kept while it has a subscription, and one that the service does not know is replaced', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const { channelID } = await client.register();
  expect(await (await connectClient(service.autopushUrl)).hello(uaid)).toBe(uaid);
  expect(await (await connectClient(service.autopushUrl)).hello('f'.repeat(32))).not.toBe('f'.repeat(32));
  const last = await connectClient(service.autopushUrl);
  await last.hello(uaid);
  last.send({ messageType: 'unregister', channelID, code: 200 });
  expect(await last.next()).toMatchObject({ messageType: 'unregister', channelID, status: 200 });
  expect(await (await connectClient(service.autopushUrl)).hello(uaid)).not.toBe(uaid);
});

test('an unregistered endpoint is gone, and so are its messages', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const kept = await client.register();
  const { channelID, endpoint } = await client.register();
  await request(service, endpoint);
  await client.next();
  client.send({ messageType: 'unregister', channelID, code: 200 });
  await client.next();
  expect((await request(service, endpoint)).status).toBe(410);
  expect((await request(service, kept.endpoint)).status).toBe(201);
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect(await again.next()).toMatchObject({ channelID: kept.channelID });
  expect(await again.ping()).toBe('pong');
});

test('a Firefox that unsubscribed offline unregisters without its uaid', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const { channelID, endpoint } = await client.register();
  await client.disconnect();
  const again = await connectClient(service.autopushUrl);
  await again.hello();
  again.send({ messageType: 'unregister', channelID, code: 200 });
  expect(await again.next()).toMatchObject({ status: 200 });
  expect((await request(service, endpoint)).status).toBe(410);
});

test('a second connection of a user agent takes the place of the first', async () => {
  const service = await startedService();
  const first = await connectClient(service.autopushUrl);
  const uaid = await first.hello();
  const { endpoint } = await first.register();
  const second = await connectClient(service.autopushUrl);
  await second.hello(uaid);
  await first.closed;
  await request(service, endpoint);
  expect((await second.next()).messageType).toBe('notification');
});

test('an expired message is not delivered', async () => {
  const clock = steppedClock();
  const service = await startedService({ clock });
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const { endpoint } = await client.register();
  await client.disconnect();
  await request(service, endpoint, { headers: { ttl: '10' } });
  await request(service, endpoint, { headers: { ttl: '11', topic: 'later' } });
  clock.advanceSeconds(10);
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect((await again.next()).messageType).toBe('notification');
  expect(await again.ping()).toBe('pong');
});

test.each([
  ['text that is no JSON', 'hello'],
  ['a frame of the wrong shape', '{"messageType":"register"}'],
  ['a second hello', '{"messageType":"hello"}'],
  ['a binary frame', Uint8Array.of(0)],
  ['a frame that is too large', JSON.stringify({ messageType: 'nack', padding: 'x'.repeat(65_536) })],
])('%s closes that connection and harms nobody else', async (_name, frame) => {
  const service = await startedService();
  const bystander = await connectClient(service.autopushUrl);
  await bystander.hello();
  const { endpoint } = await bystander.register();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  client.sendRaw(frame);
  expect([1002, 1003, 1009]).toContain(await client.closed);
  await request(service, endpoint);
  expect((await bystander.next()).messageType).toBe('notification');
});

test('what follows a malformed frame is not acted on', async () => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  await client.hello();
  const { channelID, endpoint } = await client.register();
  client.sendRaw('malformed');
  client.send({ messageType: 'unregister', channelID });
  await client.closed;
  expect((await request(service, endpoint)).status).toBe(201);
});

test.each([
  ['a register', { messageType: 'register', channelID: crypto.randomUUID() }],
  ['a ping', {}],
])('%s before the hello closes the connection', async (_name, message) => {
  const service = await startedService();
  const client = await connectClient(service.autopushUrl);
  client.send(message);
  expect(await client.closed).toBe(1002);
});

test.each(['https://attacker.example', 'null', 'file://', 'chrome-extension://abc'])(
  'a web page cannot connect: %s',
  async (origin) => {
    const service = await startedService();
    const socket = new WebSocket(service.autopushUrl, { origin });
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toContain('401');
  },
);

test('a user agent that reads nothing is let go before it fills the memory, also with TTL 0', async () => {
  const { service, endpoint, client } = await subscribed();
  client.pause();
  const session = connectSession(service);
  const longest = new Uint8Array(4096);
  const headers = { ':method': 'POST', ':path': new URL(endpoint).pathname, ttl: '0', 'content-encoding': 'aes128gcm' };
  const push = async (): Promise<void> => {
    const stream = session.request(headers);
    stream.end(longest);
    await once(stream.resume(), 'close');
  };
  // The system's own buffers take some of it too.
  for (let sent = 0; sent < 10_000 && service.pushes({ limit: 1 })[0]?.state !== 'missed'; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, push));
  }
  session.destroy();
  expect(service.pushes({ limit: 1 })).toMatchObject([{ state: 'missed', status: 201 }]);
  expect(service.subscriptions()).toMatchObject([{ isConnected: false }]);
});
