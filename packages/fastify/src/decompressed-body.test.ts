import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { generateVapidKeys } from '@belfry/protocol';
import { sqlite } from '@belfry/store/sqlite';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { belfryFastify } from './belfry-fastify.ts';

const ORIGIN = 'https://app.example.com';
const SUBSCRIPTION = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/token',
  keys: { p256dh: generateVapidKeys().publicKey, auth: 'A'.repeat(22) },
};
const GZIPPED = gzipSync(JSON.stringify(SUBSCRIPTION));

/** An application that decompresses all bodies, as `@fastify/compress` does. */
async function startApp({ onDecompressed = () => {} }: { onDecompressed?: (bytes: number) => void } = {}) {
  const app = Fastify();
  app.addHook('preParsing', async ({ headers }, _reply, payload) => {
    if (headers['content-encoding'] !== 'gzip') return payload;
    const counted = new PassThrough({
      transform(chunk: Uint8Array, _encoding, done) {
        onDecompressed(chunk.byteLength);
        done(null, chunk);
      },
    });
    const decompressed = payload.pipe(createGunzip());
    decompressed.on('error', (error) => counted.destroy(error));
    return decompressed.pipe(counted);
  });
  // Such as one that looks up a session.
  app.addHook('preHandler', async () => await new Promise((resolve) => setTimeout(resolve, 20)));
  await app.register(belfryFastify, {
    store: sqlite(':memory:'),
    subject: 'mailto:ops@example.com',
    origins: [ORIGIN],
    authenticate: (request) => request.headers['x-user']?.toString(),
    env: {},
  });
  onTestFinished(() => app.close());
  return app;
}

test.each<{ what: string; payload: Buffer; user?: string; status: number }>([
  { what: 'is complete', payload: GZIPPED, user: 'ada', status: 201 },
  { what: 'is no gzip', payload: Buffer.from('not gzip at all'), user: 'ada', status: 400 },
  { what: 'is cut short', payload: GZIPPED.subarray(0, 20), user: 'ada', status: 400 },
  // Nobody reads these.
  { what: 'is no gzip, of a stranger', payload: Buffer.from('not gzip at all'), status: 401 },
  { what: 'is cut short, of a stranger', payload: GZIPPED.subarray(0, 20), status: 401 },
])('where the application decompresses bodies, one that $what gets $status and ends nothing', async (given) => {
  const app = await startApp();
  const headers = { origin: ORIGIN, 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/api/push/subscribe',
    headers: { ...headers, ...(given.user !== undefined && { 'x-user': given.user }) },
    payload: given.payload,
  });
  expect(statusCode).toBe(given.status);
  // The process is still there after a turn in which an error of the stream would have ended it.
  expect((await app.inject('/api/push/public-key')).statusCode).toBe(200);
});

test('a body of 100 MB that is sent as 97 kB is not decompressed where nobody reads it', async () => {
  let decompressed = 0;
  const app = await startApp({ onDecompressed: (bytes) => (decompressed += bytes) });
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const payload = gzipSync(Buffer.alloc(100_000_000));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `POST /api/push/subscribe HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n` +
      `Origin: ${ORIGIN}\r\nContent-Length: ${payload.length}\r\n\r\n`,
  );
  socket.write(payload);
  const [response] = await once(socket, 'data');
  expect(String(response)).toMatch(/^HTTP\/1\.1 401 /);
  await expect.poll(() => decompressed).toBeGreaterThan(2 * 1024 * 1024);
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(decompressed).toBeLessThan(4_000_000);
  socket.destroy();
});
