import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type PushService, startPushService } from '@belfry/push-service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import theirs from 'web-push';
import { connectProxy } from './connect-proxy.test-data.ts';
import { generateVAPIDKeys, sendNotification, WebPushError } from './index.ts';

const vapidDetails = { subject: 'mailto:user@example.org', ...generateVAPIDKeys() };
const systemAuthorities = getCACertificates();
let service: PushService;

beforeAll(async () => {
  service = await startPushService({ autopushPort: 0, endpointPort: 0 });
  // An agent is ignored where there is a proxy, so nothing else can say whom to trust.
  setDefaultCACertificates([service.certificateAuthority]);
});

afterAll(async () => {
  setDefaultCACertificates(systemAuthorities);
  await service.close();
});

const subscribe = () => service.createSubscription({ applicationServerKey: vapidDetails.publicKey });

test('a message goes through the proxy that its URL names, and the next over the same connection', async () => {
  const { port, asked } = await connectProxy({ status: 200 });
  const subscription = subscribe();
  const options = { vapidDetails, proxy: `http://user:p%40ss@127.0.0.1:${port}` };
  expect(await sendNotification(subscription, 'one', options)).toMatchObject({ statusCode: 201 });
  expect(await sendNotification(subscription, 'two', options)).toMatchObject({ statusCode: 201 });
  expect(service.pushes({ subscription }).map(({ text }) => text)).toEqual(['two', 'one']);
  const target = new URL(service.endpointOrigin).host;
  const credentials = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  expect(asked).toEqual([
    { target, headers: expect.objectContaining({ host: target, 'proxy-authorization': credentials }) },
  ]);
});

test('web-push asks the proxy for the same', async () => {
  const { port, asked } = await connectProxy({ status: 200 });
  const proxy = `http://user:p%40ss@127.0.0.1:${port}`;
  await sendNotification(subscribe(), 'hi', { vapidDetails, proxy });
  await theirs.sendNotification(subscribe(), 'hi', { vapidDetails, proxy });
  const [ours, expected] = asked.map(({ target, headers }) => [target, headers.host, headers['proxy-authorization']]);
  expect(ours).toEqual(expected);
});

test('a proxy may be given by its parts, with headers for it', async () => {
  const { host, port, asked } = await connectProxy({ status: 200 });
  const proxy = { host, port, headers: { 'X-Proxy-Token': 'abc' } };
  expect(await sendNotification(subscribe(), 'hi', { vapidDetails, proxy })).toMatchObject({ statusCode: 201 });
  expect(asked).toMatchObject([{ headers: { 'x-proxy-token': 'abc' } }]);
});

test('a proxy may be reached over TLS', async () => {
  const psk = Buffer.alloc(32, 7);
  const { host, port, asked } = await connectProxy({ status: 200, tls: { ciphers: 'PSK', pskCallback: () => psk } });
  const proxy = {
    protocol: 'https:',
    host,
    port,
    ciphers: 'PSK',
    pskCallback: () => ({ psk, identity: 'sender' }),
    checkServerIdentity: () => undefined,
  };
  expect(await sendNotification(subscribe(), 'hi', { vapidDetails, proxy })).toMatchObject({ statusCode: 201 });
  expect(asked).toHaveLength(1);
});

test('what the push service answers comes back', async () => {
  const { port } = await connectProxy({ status: 200 });
  const subscription = subscribe();
  service.expireSubscription(subscription);
  const sending = sendNotification(subscription, 'hi', { vapidDetails, proxy: `http://127.0.0.1:${port}` });
  await expect(sending).rejects.toMatchObject({ name: 'WebPushError', statusCode: 410 });
});

test.each([407, 404])('a proxy that answers %i is no push service that does', async (status) => {
  const { port } = await connectProxy({ status });
  const sending = sendNotification(subscribe(), 'hi', { vapidDetails, proxy: `http://127.0.0.1:${port}` });
  await expect(sending).rejects.toThrow(`The proxy answered CONNECT with ${status}`);
  await expect(sending).rejects.not.toBeInstanceOf(WebPushError);
});

test('a proxy that does not answer is given up in time', async () => {
  const { port } = await connectProxy({ status: undefined });
  const sending = sendNotification(subscribe(), 'hi', { vapidDetails, timeout: 50, proxy: `http://127.0.0.1:${port}` });
  await expect(sending).rejects.toThrow('Socket timeout');
});

test('a proxy that is not there rejects', async () => {
  const sending = sendNotification(subscribe(), 'hi', { vapidDetails, proxy: 'http://127.0.0.1:1' });
  await expect(sending).rejects.toThrow('ECONNREFUSED');
});

test.each(['proxy.example:3128', 'user:secret@', 'socks5://user:secret@127.0.0.1'])(
  'a proxy that is no http URL rejects, and its password is not in the error',
  async (proxy) => {
    const sending = sendNotification(subscribe(), 'hi', { vapidDetails, proxy });
    await expect(sending).rejects.toThrow('The proxy must be an http: or https: URL, or an object with a host');
    await expect(sending).rejects.not.toHaveProperty('input');
  },
);
