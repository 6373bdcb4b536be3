import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { request } from '../fixtures/push-sender.test-data.ts';
import { startedService } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';
import { silentLogger } from '../logger.ts';
import { pushText, servedControl } from './control-request.test-data.ts';
import type { ArrivedPush, PushServiceControl } from './push-service-control.ts';

async function openStream(controlUrl: string): Promise<IncomingMessage> {
  const sent = httpRequest(new URL('/api/pushes/stream', controlUrl), { agent: false });
  onTestFinished(() => void sent.destroy());
  const [response] = await once(sent.end(), 'response');
  // It ends with the service, or because a test says so.
  response.on('error', () => {});
  return response;
}

/** The events of a stream as they come. */
async function* events(stream: IncomingMessage): AsyncGenerator<ArrivedPush, void> {
  for await (const line of createInterface({ input: stream })) {
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length));
  }
}

test('a push is told of as it arrives, and again when it is delivered', async () => {
  const { service, endpoint, client, channelID } = await subscribed();
  const stream = await openStream(service.controlUrl);
  expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const told = events(stream);
  await request(service, endpoint, { headers: { 'content-encoding': 'aes128gcm' }, body: Uint8Array.of(1) });
  expect((await told.next()).value).toMatchObject({
    id: 1,
    subscription: 1,
    status: 201,
    state: 'waiting',
    bodyBytes: 1,
  });
  const { version } = await client.next();
  client.ack(channelID, version);
  expect((await told.next()).value).toMatchObject({ id: 1, state: 'delivered' });
});

test('line breaks in a text do not end an event', async () => {
  const service = await startedService();
  const subscription = service.createSubscription();
  const told = events(await openStream(service.controlUrl));
  await pushText(service, subscription, 'one\n\ndata: two\r\n');
  expect((await told.next()).value).toMatchObject({ text: 'one\n\ndata: two\r\n' });
});

test('streams end with the service', async () => {
  const service = await startedService();
  const stream = await openStream(service.controlUrl);
  const ended = Promise.withResolvers<void>();
  stream.once('close', ended.resolve);
  await service.close();
  await expect(ended.promise).resolves.toBeUndefined();
});

/** A control server whose pushes come from the test. */
async function servedListeners() {
  const service = await startedService();
  const listeners = new Set<(push: ArrivedPush) => void>();
  const left = Promise.withResolvers<void>();
  const control: PushServiceControl = {
    ...service,
    onPush(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        left.resolve();
      };
    },
  };
  const controlUrl = await servedControl({ control, logger: silentLogger });
  await pushText(service, service.createSubscription(), 'x'.repeat(3000));
  const [push] = service.pushes();
  if (push === undefined) throw new Error('a push arrived');
  return { controlUrl, listeners, left: left.promise, push };
}

test('a client that goes is no longer told', async () => {
  const { controlUrl, listeners, left } = await servedListeners();
  const stream = await openStream(controlUrl);
  expect(listeners.size).toBe(1);
  stream.destroy();
  await left;
  expect(listeners.size).toBe(0);
});

test('a client that does not read is let go before it fills the memory, and another is not', async () => {
  const { controlUrl, listeners, left, push } = await servedListeners();
  const idle = await openStream(controlUrl);
  idle.pause();
  let told = 0;
  // More than the system's own buffers hold, and what may wait.
  while (listeners.size === 1 && told < 10_000) {
    for (const listener of listeners) listener(push);
    told += 1;
  }
  await left;
  expect(told).toBeLessThan(10_000);
  const reader = events(await openStream(controlUrl));
  for (const listener of listeners) listener(push);
  expect((await reader.next()).value).toMatchObject({ id: push.id });
});
