import { once } from 'node:events';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { generateVapidKeys } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { belfryFastify } from './belfry-fastify.ts';

const ORIGIN = 'https://app.example.com';
const API_KEY = 'an-api-key-of-a-test';

let app: FastifyInstance;
let app2: ReturnType<typeof createHttp2App>;
const createHttp2App = () => Fastify({ http2: true });
const options = () => ({
  store: sqlite(':memory:'),
  subject: 'mailto:ops@example.com',
  origins: [ORIGIN],
  apiKeys: [API_KEY],
  authenticate: (request: FastifyRequest) => request.headers['x-user']?.toString(),
  env: {},
});
beforeAll(async () => {
  app = Fastify({ trustProxy: '192.0.2.1' });
  await app.register(belfryFastify, options());
  await app.listen({ host: '127.0.0.1', port: 0 });
  app2 = createHttp2App();
  await app2.register(belfryFastify, options());
  await app2.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await app2.close();
});

function portOf({ server }: { server: { address(): AddressInfo | string | null } }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on a port');
  return address.port;
}

/** The status of the answer to these bytes. */
async function send(bytes: string | Buffer): Promise<number> {
  const socket = connect(portOf(app), '127.0.0.1');
  socket.write(bytes);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.includes('\r\n\r\n')) socket.destroy();
  });
  await once(socket, 'close');
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
}

const get = (target: string, lines: readonly string[] = ['Host: app.example.com'], method = 'GET') =>
  send(Buffer.from([`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1'));

describe('over HTTP/1.1', () => {
  test.each([
    '',
    ' ',
    '::',
    'http://invalid',
    '[::1',
    '[::1]:x',
    'app.example.com:99999',
    'app.example.com:',
    'user:pass@app.example.com',
    'app.example.com/path',
    'app.example.com?query',
    'app.example.com#fragment',
    'a b',
    '%00',
    '%',
    '\u00fc\u00f1',
    '\\',
    'x'.repeat(5000),
  ])('the Host %j is answered, and is nobody’s', async (host) => {
    expect(await get('/api/push/public-key', [`Host: ${host}`])).toBe(200);
    const user = ['x-user: ada', 'sec-fetch-site: same-origin'];
    // Only these two are the host of an origin, with or without its port.
    const isOurs = ['app.example.com:'].includes(host);
    expect(await get('/api/push/topics', [`Host: ${host}`, ...user])).toBe(isOurs ? 200 : 403);
  });

  test.each<[string, string, string[], number]>([
    ['a target in absolute form', 'http://evil.example/api/push/public-key', ['Host: app.example.com'], 200],
    ['a target of another scheme', 'ftp://evil.example/api/push/public-key', ['Host: app.example.com'], 404],
    ['two slashes', '//evil.example/api/push/public-key', ['Host: app.example.com'], 404],
    ['an asterisk', '*', ['Host: app.example.com'], 404],
    ['half an escape', '/api/push/topics/%', ['Host: app.example.com'], 400],
    ['an escape that is no UTF-8', '/api/push/users/%ff/devices', ['Host: app.example.com'], 400],
    ['an escaped NUL', '/api/push/users/%00/devices', ['Host: a', `Authorization: Bearer ${API_KEY}`], 400],
    ['a long path', `/api/push/${'x'.repeat(10_000)}`, ['Host: app.example.com'], 404],
    ['a query', '/api/push/public-key?a=%&b=%ff', ['Host: app.example.com'], 200],
    ['a dotted path', '/api/push/x/../public-key', ['Host: app.example.com'], 200],
    ['no Host', '/api/push/public-key', [], 400],
    ['two Hosts', '/api/push/public-key', ['Host: app.example.com', 'Host: evil.example'], 200],
    ['two origins', '/api/push/topics', ['Host: a', 'x-user: ada', `Origin: ${ORIGIN}`, `Origin: ${ORIGIN}`], 403],
    ['a header of other bytes', '/api/push/public-key', ['Host: a', 'x-other: \u00ff\u0080'], 200],
    ['a header twice', '/api/push/public-key', ['Host: a', 'x-other: 1', 'x-other: 2', 'Cookie: a', 'Cookie: b'], 200],
    ['a body', '/api/push/public-key', ['Host: a', 'Content-Length: 2', '', '{}'], 200],
  ])('GET with %s', async (_what, target, lines, status) => {
    expect(await get(target, lines)).toBe(status);
  });

  test.each<[string, string, string[], number]>([
    ['OPTIONS *', '*', ['Host: a'], 404],
    ['OPTIONS of a route', '/api/push/subscribe', ['Host: a'], 404],
    ['TRACE', '/api/push/subscribe', ['Host: a'], 404],
    ['HEAD', '/api/push/public-key', ['Host: a'], 200],
    ['PATCH', '/api/push/subscribe', ['Host: a'], 405],
    ['POST without a body', '/api/push/resubscribe', ['Host: a'], 415],
    [
      'POST with two media types',
      '/api/push/resubscribe',
      ['Host: a', 'Content-Type: application/json', 'Content-Type: text/plain', 'Content-Length: 2', '', '{}'],
      404,
    ],
    [
      'POST with two lengths',
      '/api/push/resubscribe',
      ['Host: a', 'Content-Length: 2', 'Content-Length: 3', '', '{}'],
      400,
    ],
  ])('%s', async (what, target, lines, status) => {
    expect(await get(target, lines, what.split(' ')[0])).toBe(status);
  });

  test('HTTP/1.0 without a Host', async () => {
    expect(await send('GET /api/push/public-key HTTP/1.0\r\n\r\n')).toBe(200);
  });

  test('X-Forwarded-Host does not count, from a trusted proxy either', async () => {
    const forwarded = ['Host: evil.example', 'X-Forwarded-Host: app.example.com', 'x-user: ada'];
    expect(await get('/api/push/topics', forwarded)).toBe(403);
    const behindProxy = Fastify({ trustProxy: '127.0.0.1' });
    await behindProxy.register(belfryFastify, options());
    const inject = async (headers: Record<string, string>) =>
      (await behindProxy.inject({ url: '/api/push/topics', headers: { 'x-user': 'ada', ...headers } })).statusCode;
    expect(await inject({ host: 'evil.example', 'x-forwarded-host': 'app.example.com' })).toBe(403);
    expect(await inject({ host: 'evil.example', 'x-forwarded-host': 'evil.example, app.example.com' })).toBe(403);
    expect(await inject({ host: 'app.example.com', 'x-forwarded-host': 'evil.example' })).toBe(200);
    await behindProxy.close();
  });
});

describe('over HTTP/2', () => {
  async function ask(headers: OutgoingHttpHeaders, body?: string): Promise<number> {
    const session = connectHttp2(`http://127.0.0.1:${portOf(app2)}`);
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const [answer]: { ':status'?: number }[] = await once(stream, 'response');
    session.destroy();
    return Number(answer?.[':status']);
  }

  const subscription = {
    endpoint: 'https://fcm.googleapis.com/fcm/send/token',
    keys: { p256dh: generateVapidKeys().publicKey, auth: 'A'.repeat(22) },
  };
  const post = { ':method': 'POST', 'content-type': 'application/json', 'x-user': 'ada', origin: ORIGIN };
  const large = JSON.stringify({ padding: 'x'.repeat(20_000) });

  test.each<[string, OutgoingHttpHeaders, string | undefined, number]>([
    ['GET', { ':path': '/api/push/public-key' }, undefined, 200],
    ['HEAD', { ':path': '/api/push/public-key', ':method': 'HEAD' }, undefined, 200],
    ['POST', { ...post, ':path': '/api/push/subscribe' }, JSON.stringify(subscription), 201],
    ['too large a POST', { ...post, ':path': '/api/push/subscribe' }, large, 413],
    [
      'a session on our host',
      { ':path': '/api/push/topics', ':authority': 'app.example.com', 'x-user': 'ada' },
      undefined,
      200,
    ],
    [
      'a session on another',
      { ':path': '/api/push/topics', ':authority': 'evil.example', 'x-user': 'ada' },
      undefined,
      403,
    ],
    [
      'a session on another that says to be forwarded',
      {
        ':path': '/api/push/topics',
        ':authority': 'evil.example',
        'x-user': 'ada',
        'x-forwarded-host': 'app.example.com',
      },
      undefined,
      403,
    ],
    ['an odd authority', { ':path': '/api/push/public-key', ':authority': '::' }, undefined, 200],
    ['an asterisk', { ':path': '*', ':method': 'OPTIONS' }, undefined, 404],
    ['half an escape', { ':path': '/api/push/topics/%' }, undefined, 400],
    ['a header of other bytes', { ':path': '/api/push/public-key', 'x-other': '\u00ff' }, undefined, 200],
    ['TRACE', { ':path': '/api/push/public-key', ':method': 'TRACE' }, undefined, 404],
  ])('%s', async (_what, headers, body, status) => {
    expect(await ask(headers, body)).toBe(status);
  });
});

describe('a body that nobody reads', () => {
  test('leaves its connection free for the next request', async () => {
    const socket = connect(portOf(app), '127.0.0.1');
    const answers: string[] = [];
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    const until = async (count: number): Promise<void> => {
      while ((text.match(/HTTP\/1\.1 \d{3}/g) ?? []).length < count) await once(socket, 'data');
      answers.push(...(text.match(/HTTP\/1\.1 \d{3}/g) ?? []).slice(answers.length));
    };
    const body = Buffer.alloc(1_000_000, 32);
    const lines = ['Host: a', 'Content-Type: application/json', `Content-Length: ${body.length}`, '', ''];
    socket.write(['POST /api/push/resubscribe HTTP/1.1', ...lines].join('\r\n'));
    socket.write(body);
    await until(1);
    socket.write('GET /api/push/public-key HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(2);
    expect(answers).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    socket.destroy();
  });

  test.each([
    ['a body without end', 'Content-Length: 100000000'],
    ['chunks without end', 'Transfer-Encoding: chunked'],
  ])('%s ends with its connection', async (_what, length) => {
    const socket = connect(portOf(app), '127.0.0.1');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    socket.write(
      ['POST /api/push/resubscribe HTTP/1.1', 'Host: a', 'Content-Type: text/plain', length, '', ''].join('\r\n'),
    );
    const write = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', write);
    write();
    socket.resume();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on('error', () => {}).on('close', () => resolve());
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});
