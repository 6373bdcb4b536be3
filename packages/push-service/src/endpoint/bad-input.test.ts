import { once } from 'node:events';
import tls from 'node:tls';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applicationServer, authorize, connectSession, request } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';
import type { PushService } from '../push-service.ts';

/** The status of an answer to raw octets over HTTP/1.1; undefined where the connection was closed without one. */
async function exchange(service: PushService, octets: string): Promise<string | undefined> {
  const { host, port } = service.address;
  const socket = tls.connect({ host, port, servername: 'localhost', ca: service.certificateAuthority });
  socket.on('error', () => {});
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
    if (answer.includes('\r\n\r\n')) socket.destroy();
  });
  await once(socket, 'secureConnect');
  socket.write(octets, 'latin1');
  await once(socket, 'close');
  return /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
}

const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const octets = fc.string({ unit: fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)) });
const likely = (...values: string[]) => fc.oneof(fc.constantFrom(...values), printable, octets);

test('whatever the headers of a push are, it is taken or refused, and the service stays up', async () => {
  const log = recordingLogger();
  const { service, endpoint } = await subscribed({ logger: log });
  const right = authorize({ service, keys: applicationServer, now: Date.now() }).authorization;
  const [token = '', key = ''] = right.split(', ');
  const headers = fc.record(
    {
      ttl: likely('0', '60', '-1', '1e3', '99999999999999999999', '6 0', '0x10'),
      topic: likely('score', 'a'.repeat(33), 'a,b', ''),
      urgency: likely('high', 'very-low', 'HIGH'),
      prefer: likely('respond-async', 'respond-async="', ',,;=,', '"'),
      link: likely('<>;rel="urn:ietf:params:push:receipt"', '<//>; rel=urn:ietf:params:push:receipt', '<<<<', ',,,'),
      authorization: likely(right, token, `vapid ${key}`, `${right}, ${right}`, 'vapid', 'vapid t=.., k='),
      'content-encoding': likely('aes128gcm', 'aesgcm', 'gzip'),
      'crypto-key': likely('dh=AA', 'p256ecdsa=AA'),
      'access-control-request-method': printable,
    },
    { requiredKeys: [] },
  );
  const session = connectSession(service);
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(headers, fc.uint8Array({ maxLength: 40 }), async (given, body) => {
      const path = new URL(endpoint).pathname;
      const trimmed = Object.entries(given).map(([name, value]) => [name, value.trim()] as const);
      const stream = session.request({ ':method': 'POST', ':path': path, ...Object.fromEntries(trimmed) });
      stream.end(body);
      const [answered] = await once(stream, 'response');
      stream.resume();
      await once(stream, 'close');
      statuses.add(Number(answered[':status']));
    }),
    { numRuns: 2000 },
  );
  session.destroy();
  expect([...statuses].filter((status) => ![201, 202, 400, 401].includes(status))).toEqual([]);
  expect((await request(service, endpoint)).status).toBe(201);
  expect(log.warnings).toEqual([]);
});

test('whatever the path and method are, it is a 4xx', async () => {
  const { service } = await subscribed();
  const session = connectSession(service);
  const segment = fc.oneof(
    fc.constantFrom('wpush', 'v2', 'm', 'r', 'A'.repeat(43), '..', '%2e', '?', '#', ''),
    printable,
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'X');
  await fc.assert(
    fc.asyncProperty(fc.array(segment), method, async (segments, verb) => {
      // A space would be refused by HTTP/2 itself.
      const path = `/${segments.join('/')}`.replaceAll(' ', '+');
      const stream = session.request({ ':method': verb, ':path': path }, { endStream: true });
      const [answered] = await once(stream, 'response');
      stream.resume();
      expect(Math.floor(Number(answered[':status']) / 100)).toBe(4);
    }),
    { numRuns: 500 },
  );
  session.destroy();
});

test('octets that are no request, over HTTP/1.1, harm nobody', async () => {
  const log = recordingLogger();
  const { service, client, endpoint } = await subscribed({ logger: log });
  const line = `POST ${new URL(endpoint).pathname} HTTP/1.1\r\nHost: localhost:${service.address.port}\r\nTTL: 60\r\n`;
  expect({
    noise: await exchange(service, '\0\u00ff\u00fe{}\r\n\r\n'),
    hugeHeaders: await exchange(service, `${line}Topic: ${'x'.repeat(100_000)}\r\n\r\n`),
    twoLengths: await exchange(service, `${line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`),
    lengthAndChunks: await exchange(service, `${line}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    badChunk: await exchange(service, `${line}Transfer-Encoding: chunked\r\n\r\nzz\r\n`),
    negativeLength: await exchange(service, `${line}Content-Length: -1\r\n\r\n`),
    twoTtls: await exchange(service, `${line}TTL: 61\r\nContent-Length: 0\r\n\r\n`),
    endless: await exchange(
      service,
      `${line}Transfer-Encoding: chunked\r\n\r\n${'1000\r\n'.concat('x'.repeat(4096), '\r\n').repeat(3)}0\r\n\r\n`,
    ),
  }).toEqual({
    noise: '400',
    hugeHeaders: '431',
    twoLengths: '400',
    lengthAndChunks: '400',
    badChunk: '400',
    negativeLength: '400',
    twoTtls: '400',
    endless: '413',
  });
  expect((await request(service, endpoint)).status).toBe(201);
  expect((await client.next()).messageType).toBe('notification');
  expect(log.warnings).toEqual([]);
});

test('headers too large for HTTP/2 cost their sender the request, and nobody else theirs', async () => {
  const { service, endpoint } = await subscribed();
  const session = connectSession(service);
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': new URL(endpoint).pathname,
    topic: 'x'.repeat(200_000),
  });
  const outcome = await Promise.race([
    once(stream, 'response').then(([answered]) => Number(answered[':status'])),
    new Promise((resolve) => stream.once('error', () => {}).once('close', () => resolve('closed'))),
  ]);
  session.destroy();
  expect([431, 'closed']).toContain(outcome);
  expect((await request(service, endpoint)).status).toBe(201);
});

test('a token that was made for another audience is refused, however near that is', async () => {
  const { service, endpoint } = await subscribed({ key: applicationServer.publicKey });
  const push = (audience: string) => {
    const headers = authorize({ service, keys: applicationServer, now: Date.now(), audience });
    return request(service, endpoint, { headers });
  };
  const statuses = [];
  for (const audience of [
    service.endpointOrigin,
    'https://updates.push.services.mozilla.com',
    'https://localhost',
    `${service.endpointOrigin}/`,
    endpoint,
  ]) {
    statuses.push((await push(audience)).status);
  }
  expect(statuses).toEqual([201, 401, 401, 401, 401]);
});
