import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type PushService, startPushService } from '@belfry/push-service';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import theirs from 'web-push';
import webpush, { generateVAPIDKeys, sendNotification, WebPushError } from './index.ts';

const vapidDetails = { subject: 'mailto:user@example.org', ...generateVAPIDKeys() };
let service: PushService;
let agent: Agent;

beforeAll(async () => {
  service = await startPushService({ autopushPort: 0, endpointPort: 0 });
  agent = new Agent({ ca: service.certificateAuthority });
});

afterAll(async () => {
  agent.destroy();
  await service.close();
});

const subscribe = () => service.createSubscription({ applicationServerKey: vapidDetails.publicKey });

/** What is the same whenever it is asked. */
const settled = async (sending: Promise<unknown>): Promise<unknown> => {
  const [{ status, ...rest }] = await Promise.allSettled([sending]);
  const { name, statusCode, body, headers, message, endpoint } = Object('value' in rest ? rest.value : rest.reason);
  const { date: _date, location, ...otherHeaders } = Object(headers);
  return { status, name, message, statusCode, body, endpoint, headers: { ...otherHeaders, location: typeof location } };
};

describe('with a push service', () => {
  test('a message arrives, with its headers', async () => {
    const subscription = subscribe();
    const options = {
      vapidDetails,
      agent,
      TTL: 60,
      urgency: 'high',
      topic: 'news',
      headers: { 'X-Extra': 'yes' },
    } as const;
    expect(await sendNotification(subscription, 'Grüße', options)).toMatchObject({ statusCode: 201, body: '' });
    expect(service.pushes({ subscription })).toMatchObject([
      {
        text: 'Grüße',
        ttlSeconds: 60,
        headers: { urgency: 'high', topic: 'news', 'x-extra': 'yes', 'content-encoding': 'aes128gcm' },
        vapid: { aud: service.endpointOrigin, sub: vapidDetails.subject },
      },
    ]);
  });

  test('a push without payload, by what setVapidDetails was told', async () => {
    webpush.setVapidDetails(vapidDetails.subject, vapidDetails.publicKey, vapidDetails.privateKey);
    onTestFinished(() => webpush.setVapidDetails(null));
    const subscription = subscribe();
    expect(await webpush.sendNotification(subscription, null, { agent })).toMatchObject({ statusCode: 201 });
    expect(service.pushes({ subscription })).toMatchObject([{ bodyBytes: 0, ttlSeconds: 2_419_200 }]);
  });

  test('its answer is what web-push resolves to', async () => {
    const [first, second] = [subscribe(), subscribe()];
    const expected = await settled(theirs.sendNotification(first, 'hi', { vapidDetails, agent }));
    expect(await settled(sendNotification(second, 'hi', { vapidDetails, agent }))).toEqual(expected);
    expect(expected).toMatchObject({ status: 'fulfilled', statusCode: 201, headers: { location: 'string' } });
  });

  test.each([
    [410, { type: 'expire' }],
    [413, { type: 'status', status: 413, body: 'too large' }],
    [429, { type: 'throttle', retryAfterSeconds: 5 }],
    [500, { type: 'status', status: 500 }],
    [302, { type: 'status', status: 302 }],
  ] as const)('its %i is what web-push rejects with', async (statusCode, fault) => {
    const [first, second] = [subscribe(), subscribe()];
    for (const subscription of [first, second]) service.addFault(fault, { subscription });
    const expected = await settled(theirs.sendNotification(first, 'hi', { vapidDetails, agent }));
    const ours = await settled(sendNotification(second, 'hi', { vapidDetails, agent }));
    expect(ours).toEqual({ ...Object(expected), endpoint: second.endpoint });
    expect(ours).toMatchObject({ status: 'rejected', name: 'WebPushError', statusCode });
  });

  test('what it refuses is a WebPushError', async () => {
    const others = { subject: vapidDetails.subject, ...generateVAPIDKeys() };
    const sending = sendNotification(subscribe(), 'hi', { vapidDetails: others, agent });
    await expect(sending).rejects.toBeInstanceOf(WebPushError);
    await expect(sending).rejects.toMatchObject({ statusCode: 401, message: 'Received unexpected response code' });
  });

  test('one that does not answer in time is given up', async () => {
    const subscription = subscribe();
    service.addFault({ type: 'no-answer' }, { subscription });
    const sending = sendNotification(subscription, 'hi', { vapidDetails, agent, timeout: 50 });
    await expect(sending).rejects.toThrow('Socket timeout');
  });

  test('the timeout of an agent is none of the request', async () => {
    const subscription = subscribe();
    service.addFault({ type: 'delay', delayMs: 100 }, { subscription });
    const impatient = new Agent({ ca: service.certificateAuthority, timeout: 20 });
    onTestFinished(() => impatient.destroy());
    const sending = sendNotification(subscription, 'hi', { vapidDetails, agent: impatient });
    expect(await sending).toMatchObject({ statusCode: 201 });
  });

  test('an untrusted certificate rejects, as in web-push', async () => {
    const subscription = subscribe();
    const expected = await settled(theirs.sendNotification(subscription, 'hi', { vapidDetails }));
    expect(await settled(sendNotification(subscription, 'hi', { vapidDetails }))).toEqual(expected);
  });
});

describe('nothing throws, all rejects:', () => {
  test.each([
    ['no subscription', undefined, 'You must pass in a subscription with at least an endpoint.'],
    [
      'an endpoint that is no URL',
      { endpoint: 'nowhere' },
      'The subscription endpoint must be a string with a valid URL.',
    ],
  ])('%s', async (_name, subscription, message) => {
    const sending: unknown = Reflect.apply(sendNotification, undefined, [subscription]);
    await expect(sending).rejects.toThrow(message);
  });

  test('a header that HTTP does not allow, as in web-push', async () => {
    const options = { vapidDetails, agent, headers: { 'X-Extra': 'a\nb' } };
    const subscription = subscribe();
    const expected = await settled(theirs.sendNotification(subscription, null, options));
    expect(await settled(sendNotification(subscription, null, options))).toEqual(expected);
    expect(expected).toMatchObject({ status: 'rejected', message: 'Invalid character in header content ["X-Extra"]' });
  });

  test('an answer that breaks off, for whose end web-push waits for ever', async () => {
    const { endpoint, agent: sharing } = await answering((response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('the beginning', () => response.destroy());
    });
    await expect(
      sendNotification({ endpoint, keys: { p256dh: '', auth: '' } }, null, { agent: sharing }),
    ).rejects.toThrow('aborted');
  });

  test('an answer that stops in the middle, when the timeout is over', async () => {
    const { endpoint, agent: sharing } = await answering((response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('the beginning');
    });
    const options = { agent: sharing, timeout: 50 };
    await expect(sendNotification({ endpoint, keys: { p256dh: '', auth: '' } }, null, options)).rejects.toThrow(
      'Socket timeout',
    );
  });
});

test('an answer in pieces is put together, even in the middle of a character', async () => {
  const { endpoint, agent: sharing } = await answering((response) => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    response.writeHead(201);
    response.write(first, () => setImmediate(() => response.end(second)));
  });
  const result = await sendNotification({ endpoint, keys: { p256dh: '', auth: '' } }, null, { agent: sharing });
  expect(result.body).toBe('é');
});

test('no endpoint, key or token is written to the console', async () => {
  const log = vi.spyOn(console, 'log');
  const warn = vi.spyOn(console, 'warn');
  onTestFinished(() => void vi.restoreAllMocks());
  await sendNotification(subscribe(), 'hi', { vapidDetails, agent });
  expect([...log.mock.calls, ...warn.mock.calls]).toEqual([]);
});

/** A server that answers as told, over TLS with a shared key, which needs no certificate. */
async function answering(answer: (response: ServerResponse) => void): Promise<{ endpoint: string; agent: Agent }> {
  const psk = Buffer.alloc(32, 7);
  const server = createServer({ ciphers: 'PSK', pskCallback: () => psk }, (request, response) => {
    request.resume().on('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sharing = new Agent({
    ciphers: 'PSK',
    pskCallback: () => ({ psk, identity: 'sender' }),
    checkServerIdentity: () => undefined,
  });
  onTestFinished(() => {
    sharing.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port }: AddressInfo = Object(server.address());
  return { endpoint: `https://127.0.0.1:${port}/`, agent: sharing };
}
