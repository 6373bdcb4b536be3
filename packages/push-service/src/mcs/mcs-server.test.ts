import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkIn, type Profile, SUBSCRIPTION, subscribe } from '../fixtures/gcm-client.test-data.ts';
import { appData, connectMcs, frameOf, loginRequest, type McsClient } from '../fixtures/mcs-client.test-data.ts';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger, startedService, steppedClock } from '../fixtures/started-service.test-data.ts';
import { PENDING_PAGE } from '../limits.ts';
import type { PushService } from '../push-service.ts';
import type { PushServiceOptions } from '../push-service-options.ts';

interface Connected {
  readonly service: PushService;
  readonly profile: Profile;
  readonly client: McsClient;
  readonly endpoint: string;
  /** Posts a message, rightly signed, and answers its status. */
  push(options?: { readonly body?: Uint8Array; readonly headers?: Readonly<Record<string, string>> }): Promise<number>;
}

async function connected(options: PushServiceOptions = {}): Promise<Connected> {
  const service = await startedService(options);
  const profile = await checkIn(service);
  const endpoint = await subscribe(service, profile);
  const client = await connectMcs(service);
  await client.login(profile);
  return {
    service,
    profile,
    client,
    endpoint,
    async push({ body, headers } = {}) {
      const authorization = authorize({
        service,
        keys: applicationServer,
        now: options.clock?.now() ?? Date.now(),
        audience: new URL(endpoint).origin,
      });
      const payload = body === undefined ? {} : { body };
      const encoding = body === undefined ? undefined : 'aes128gcm';
      const given = { ...authorization, 'content-encoding': encoding, ...headers };
      return (await request(service, endpoint, { headers: given, ...payload })).status;
    },
  };
}

const body = Uint8Array.of(1, 2, 250, 255);

test('a login with the credentials of the check-in is answered, and so is a heartbeat', async () => {
  const { service, profile } = await connected();
  const client = await connectMcs(service);
  const answer = await client.login(profile);
  expect([answer.fields.string(1), answer.fields.integer(6)]).toEqual(['', 1n]);
  client.send(0);
  const heartbeat = await client.next();
  expect([heartbeat.tag, heartbeat.fields.integer(2)]).toEqual([1, 2n]);
});

test('a message reaches the connected client byte for byte, with what Chromium finds the subscription by', async () => {
  const { client, push } = await connected();
  expect(await push({ body })).toBe(201);
  const frame = await client.next();
  expect(frame.tag).toBe(8);
  expect(frame.fields.string(3)).toBe(applicationServer.publicKey);
  expect(frame.fields.string(5)).toBe('org.chromium.linux');
  expect(appData(frame)).toEqual({ subtype: SUBSCRIPTION['X-subtype'], 'content-encoding': 'aes128gcm' });
  expect(frame.fields.string(9)).toMatch(/^[\w-]{22}$/);
  expect(frame.fields.bytes(21)).toEqual(body);
  expect(frame.fields.integer(24)).toBe(1n);
});

test('a message without payload has neither data nor an encoding', async () => {
  const { client, push } = await connected();
  await push();
  const frame = await client.next();
  expect(appData(frame)).toEqual({ subtype: SUBSCRIPTION['X-subtype'] });
  expect(frame.fields.bytes(21)).toBeUndefined();
});

test('messages wait for a client that is away and come in their order; an acknowledgement ends those up to it', async () => {
  const { service, profile, client, push } = await connected();
  await client.disconnect();
  for (const value of [1, 2, 3]) await push({ body: Uint8Array.of(value) });

  const second = await connectMcs(service);
  await second.login(profile);
  const frames = [await second.next(), await second.next(), await second.next()];
  expect(frames.map(({ fields }) => fields.bytes(21)?.[0])).toEqual([1, 2, 3]);
  // The login's answer is 1, so the second message is 3.
  second.ack(3);
  expect(await second.ping()).toBe(1);
  await second.disconnect();

  const third = await connectMcs(service);
  await third.login(profile);
  expect((await third.next()).fields.bytes(21)).toEqual(Uint8Array.of(3));
  expect(await third.ping()).toBe(1);
});

test('stream ids count every frame of the service, heartbeats too', async () => {
  const { service, profile, client, push } = await connected();
  expect(await client.ping()).toBe(1);
  await push({ body });
  await client.next();
  // Login's answer, heartbeat's answer: the message is 3.
  client.ack(2);
  expect(await client.ping()).toBe(1);
  await client.disconnect();
  const again = await connectMcs(service);
  await again.login(profile);
  expect((await again.next()).tag).toBe(8);
  again.ack(2);
  expect(await again.ping()).toBe(1);
  await again.disconnect();
  const last = await connectMcs(service);
  await last.login(profile);
  expect(await last.ping()).toBe(1);
});

test('a message that the login says has arrived is dropped, and the rest is sent', async () => {
  const { service, profile, client, push } = await connected();
  await push({ body: Uint8Array.of(1) });
  await push({ body: Uint8Array.of(2) });
  const received = (await client.next()).fields.string(9) ?? '';
  await client.disconnect();
  const again = await connectMcs(service);
  await again.login(profile, [received, 'unknown']);
  expect((await again.next()).fields.bytes(21)).toEqual(Uint8Array.of(2));
  expect(await again.ping()).toBe(1);
});

test('TTL and Topic are those of any subscription', async () => {
  const clock = steppedClock();
  const { service, profile, client, push } = await connected({ clock });
  await client.disconnect();
  await push({ body: Uint8Array.of(1), headers: { ttl: '10' } });
  await push({ body: Uint8Array.of(2), headers: { ttl: '11', topic: 'score' } });
  await push({ body: Uint8Array.of(3), headers: { ttl: '11', topic: 'score' } });
  clock.advanceSeconds(10);
  const again = await connectMcs(service);
  await again.login(profile);
  expect((await again.next()).fields.bytes(21)).toEqual(Uint8Array.of(3));
  expect(await again.ping()).toBe(1);
});

test('more messages than are sent at once all come, in their order', async () => {
  const { service, profile, client, push } = await connected();
  await client.disconnect();
  const values = Array.from({ length: 2 * PENDING_PAGE + 1 }, (_, index) => index % 256);
  for (const value of values) await push({ body: Uint8Array.of(value) });
  const again = await connectMcs(service);
  await again.login(profile);
  const arrived: unknown[] = [];
  while (arrived.length < values.length) arrived.push((await again.next()).fields.bytes(21)?.[0]);
  expect(arrived).toEqual(values);
  expect(await again.ping()).toBe(1);
});

test('a second connection takes the place of the first, which Chromium itself has reset', async () => {
  const { service, profile, client, push } = await connected();
  const second = await connectMcs(service);
  await second.login(profile);
  await client.closed;
  await push({ body });
  expect((await second.next()).fields.bytes(21)).toEqual(body);
});

test('a client gets the messages of its own profile only', async () => {
  const { service, push } = await connected();
  const stranger = await connectMcs(service);
  await stranger.login(await checkIn(service));
  await push({ body });
  expect(await stranger.ping()).toBe(1);
});

test('a login with a forged security token is refused with an error and closed', async () => {
  const { service, profile } = await connected();
  const client = await connectMcs(service);
  client.sendLogin({ ...profile, securityToken: '1' });
  const refusal = await client.next();
  expect([refusal.tag, refusal.fields.messages(3).length]).toEqual([3, 1]);
  expect((await client.next()).tag).toBe(4);
  await client.closed;
});

const anyone = { androidId: '1', securityToken: '1' };

test.each([
  ['another version', Uint8Array.of(40), 'unsupported-version'],
  ['a ping before the login', Uint8Array.of(41, 0, 0), 'expected-login'],
  ['a tag that is unknown', Uint8Array.of(41, 99, 0), 'unknown-tag'],
  ['a login that is no protobuf', Uint8Array.of(41, 2, 1, 0x1a), 'malformed-protobuf'],
  ['a login with credentials of another form', Uint8Array.of(41, 2, 0), 'unknown-credentials'],
  ['a frame that is too large', Uint8Array.of(41, 2, 0xff, 0xff, 0x7f), 'frame-too-large'],
  ['an oversized varint', Uint8Array.of(41, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80), 'overlong-length'],
])('%s closes that connection cleanly, and other clients notice nothing', async (_name, bytes, reason) => {
  const logger = recordingLogger();
  const { service, client, push } = await connected({ logger });
  const offender = await connectMcs(service);
  offender.sendRaw(bytes);
  let frame = await offender.next();
  if (frame.tag === 3) frame = await offender.next();
  expect(frame.tag).toBe(4);
  await offender.closed;
  expect(logger.warnings).toEqual([JSON.stringify(['Closed an MCS connection', { reason }])]);
  await push({ body });
  expect((await client.next()).tag).toBe(8);
});

test('a second login closes the connection, and what follows is not acted on', async () => {
  const { service, profile, push } = await connected();
  const client = await connectMcs(service);
  await client.login(profile);
  await push({ body });
  const id = (await client.next()).fields.string(9);
  // In one write: a second login and an acknowledgement.
  const login = frameOf(2, loginRequest(anyone));
  client.sendRaw(Buffer.concat([login, frameOf(0, Uint8Array.of(0x10, 9))]));
  expect((await client.next()).tag).toBe(4);
  await client.closed;
  const again = await connectMcs(service);
  await again.login(profile);
  expect((await again.next()).fields.string(9)).toBe(id);
});

test('a close of the client ends the connection without a warning', async () => {
  const logger = recordingLogger();
  const { client } = await connected({ logger });
  client.send(4);
  await client.closed;
  expect(logger.warnings).toEqual([]);
});

test('a login that comes byte by byte is a login', async () => {
  const { service, profile } = await connected();
  const client = await connectMcs(service);
  for (const byte of [41, ...frameOf(2, loginRequest(profile))]) client.sendRaw(Uint8Array.of(byte));
  expect((await client.next()).tag).toBe(3);
});

test('what is no TLS is reported, as a refused certificate would be, and the service goes on', async () => {
  const warned = Promise.withResolvers<unknown[]>();
  const { service, client } = await connected({ logger: { info() {}, warn: (...line) => warned.resolve(line) } });
  const { hostname, port } = new URL(service.chromium.mcsEndpoint);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.end('GET / HTTP/1.1\r\n\r\n');
  expect(await warned.promise).toEqual(['An MCS connection failed', { code: 'ERR_SSL_HTTP_REQUEST' }]);
  expect(await client.ping()).toBe(1);
});

test('closing the service ends its clients', async () => {
  const { service, client } = await connected();
  await service.close();
  await expect(client.closed).resolves.toBeUndefined();
});
