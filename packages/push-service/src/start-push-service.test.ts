import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { connectClient } from './fixtures/autopush-client.test-data.ts';
import { request } from './fixtures/push-sender.test-data.ts';
import { listenByPush, receiptsUrlOf } from './fixtures/receipt-listener.test-data.ts';
import { portsOf, recordingLogger, startedService } from './fixtures/started-service.test-data.ts';
import type { PushService } from './push-service.ts';
import { startPushService } from './start-push-service.ts';
import { MIGRATIONS } from './store/schema.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'belfry-push-service-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('subscriptions and undelivered messages are there after a restart', async () => {
  const dataDir = join(await folder(), 'made', 'by-the-service');
  const first = await startedService({ dataDir });
  const client = await connectClient(first.autopushUrl);
  const uaid = await client.hello();
  const { channelID, endpoint } = await client.register();
  await client.disconnect();
  await request(first, endpoint, { headers: { 'content-encoding': 'aes128gcm' }, body: Uint8Array.of(1, 2) });
  await first.close();

  const second = await startedService({ dataDir, ...portsOf(first) });
  expect(second.certificateAuthority).toBe(first.certificateAuthority);
  const again = await connectClient(second.autopushUrl);
  expect(await again.hello(uaid)).toBe(uaid);
  expect(await again.next()).toMatchObject({ messageType: 'notification', channelID, data: 'AQI' });
  expect((await request(second, endpoint)).status).toBe(201);
  expect((await stat(join(dataDir, 'push-service.db'))).mode & 0o777).toBe(0o600);
});

test('what was answered survives kill -9', async () => {
  const dataDir = await folder();
  const child = fork(new URL('./fixtures/run-service.test-data.ts', import.meta.url), [dataDir, '0', '0'], {
    execArgv: ['--conditions=@belfry/source'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first]: PushService[] = await once(child, 'message');
  if (first === undefined) throw new Error('no service');
  const client = await connectClient(first.autopushUrl);
  const uaid = await client.hello();
  const { endpoint } = await client.register();
  expect((await request(first, endpoint)).status).toBe(201);
  const { version } = await client.next();
  const { channelID } = await client.register();
  client.send({ messageType: 'unregister', channelID });
  await client.next();
  child.kill('SIGKILL');
  await once(child, 'exit');

  const second = await startedService({ dataDir, ...portsOf(first) });
  const again = await connectClient(second.autopushUrl);
  expect(await again.hello(uaid)).toBe(uaid);
  expect((await again.next()).version).toBe(version);
  expect(await again.ping()).toBe('pong');
});

test('a receipt survives kill -9: asked for, given and not yet delivered', async () => {
  const dataDir = await folder();
  const child = fork(new URL('./fixtures/run-service.test-data.ts', import.meta.url), [dataDir, '0', '0'], {
    execArgv: ['--conditions=@belfry/source'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first]: PushService[] = await once(child, 'message');
  if (first === undefined) throw new Error('no service');
  const client = await connectClient(first.autopushUrl);
  const uaid = await client.hello();
  const { channelID, endpoint } = await client.register();
  const prefer = 'respond-async';
  const given = await request(first, endpoint, { headers: { prefer } });
  const url = receiptsUrlOf(given);
  const link = `<${url}>; rel="urn:ietf:params:push:receipt"`;
  const askedFor = await request(first, endpoint, { headers: { prefer, link } });
  client.ack(channelID, (await client.next()).version);
  const { version } = await client.next();
  expect(await client.ping()).toBe('pong');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const second = await startedService({ dataDir, ...portsOf(first) });
  const listener = await listenByPush(second, url);
  expect(await listener.next()).toEqual([given.headers.location, 204]);
  const again = await connectClient(second.autopushUrl);
  await again.hello(uaid);
  again.ack(channelID, version);
  expect(await listener.next()).toEqual([askedFor.headers.location, 204]);
});

test('a data folder has one service at a time, and is free again when that is closed', async () => {
  const dataDir = await folder();
  const first = await startedService({ dataDir });
  await expect(startPushService({ dataDir, autopushPort: 0, endpointPort: 0 })).rejects.toMatchObject({
    name: 'PushServiceError',
    code: 'data-folder-in-use',
  });
  await first.close();
  await startedService({ dataDir });
});

test('a data folder of the first version keeps its subscriptions and messages', async () => {
  const dataDir = await folder();
  const [uaid, channelID] = ['0'.repeat(32), '00000000-0000-4000-8000-000000000000'];
  const database = new DatabaseSync(join(dataDir, 'push-service.db'));
  database.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1;
    INSERT INTO channels (token, uaid, channel_id) VALUES ('AAAA', '${uaid}', '${channelID}');
    INSERT INTO messages (id, token, urgency, body, expires_at)
    VALUES ('BBBB', 'AAAA', 'normal', x'01', ${Date.now() + 60_000});`);
  database.close();
  const service = await startedService({ dataDir });
  const client = await connectClient(service.autopushUrl);
  expect(await client.hello(uaid)).toBe(uaid);
  expect(await client.next()).toMatchObject({ channelID, version: 'BBBB', data: 'AQ' });
  const answer = await request(service, `${service.endpointOrigin}/wpush/v2/AAAA`, {
    headers: { prefer: 'respond-async' },
  });
  expect(answer.status).toBe(202);
});

test('without a data folder everything is in memory', async () => {
  const first = await startedService();
  const client = await connectClient(first.autopushUrl);
  const uaid = await client.hello();
  const { endpoint } = await client.register();
  await first.close();
  const second = await startedService(portsOf(first));
  expect(await (await connectClient(second.autopushUrl)).hello(uaid)).not.toBe(uaid);
  expect((await request(second, endpoint)).status).toBe(404);
});

test.each(['autopushPort', 'endpointPort', 'gcmPort', 'mcsPort'] as const)(
  'a %s in use is one clear error, and nothing stays open',
  async (option) => {
    const running = await startedService();
    const port = portsOf(running)[option];
    const start = startPushService({ autopushPort: 0, endpointPort: 0, [option]: port });
    await expect(start).rejects.toMatchObject({
      name: 'PushServiceError',
      code: 'port-in-use',
      message: expect.stringContaining(`Port ${port} is in use`),
    });
  },
);

test('a host that is not loopback is refused', async () => {
  await expect(startPushService({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'host-not-loopback' });
});

test('a data folder of a later version is refused and left as it is', async () => {
  const dataDir = await folder();
  const database = new DatabaseSync(join(dataDir, 'push-service.db'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(startPushService({ dataDir })).rejects.toMatchObject({ code: 'data-folder-too-new' });
});

test('closing ends a user agent that never answers a close frame, and can be asked for twice', async () => {
  const service = await startedService();
  const { autopushPort } = portsOf(service);
  const socket = connect(autopushPort, '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await once(socket, 'data');
  const ended = once(socket, 'close');
  await Promise.all([service.close(), service.close()]);
  await ended;
  expect(socket.destroyed).toBe(true);
});

test('closing does not wait for connections that never finish a request or a handshake', async () => {
  const service = await startedService();
  const sockets = Object.values(portsOf(service)).map((port) => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  sockets[0]?.write('GET / HTTP/1.1\r\n');
  // A connection made after them has been served, so the service has accepted them.
  await (await connectClient(service.autopushUrl)).hello();
  await request(service, service.endpointOrigin);
  const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
  await service.close();
  await ended;
  expect(sockets.every((socket) => socket.destroyed)).toBe(true);
});

test('nothing that a log must not hold reaches the logger', async () => {
  const logger = recordingLogger();
  const service = await startedService({ logger });
  const client = await connectClient(service.autopushUrl);
  const uaid = await client.hello();
  const { channelID, endpoint } = await client.register();
  await request(service, endpoint);
  const { version } = await client.next();
  client.ack(channelID, version, 101);
  client.send({ messageType: 'nack', version, code: 301 });
  expect(await client.ping()).toBe('pong');
  client.sendRaw(`{"messageType":"register","uaid":"${uaid}"}`);
  await client.closed;
  expect([logger.infos.length, logger.warnings.length]).toEqual([1, 3]);
  const log = [...logger.infos, ...logger.warnings].join('\n');
  for (const secret of [uaid, endpoint.slice(endpoint.lastIndexOf('/') + 1), channelID, version]) {
    expect(log).not.toContain(secret);
  }
});
