import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type AutopushClient, connectClient } from '../fixtures/autopush-client.test-data.ts';
import { type Answer, connectSession, request } from '../fixtures/push-sender.test-data.ts';
import { listenByEvents, listenByPush, receiptsUrlOf } from '../fixtures/receipt-listener.test-data.ts';
import { steppedClock } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';
import { listen } from '../listen.ts';
import type { PushService } from '../push-service.ts';

const respondAsync = { prefer: 'respond-async' };

function receiptsOf(answer: Answer, service: PushService): string {
  const url = receiptsUrlOf(answer);
  expect(url).toMatch(new RegExp(`^${service.endpointOrigin}/r/[\\w-]{43}$`));
  return url;
}

async function acknowledgeNext(client: AutopushClient, channelID: string): Promise<void> {
  client.ack(channelID, (await client.next()).version);
}

test('a push that prefers respond-async is answered with 202, its message and its receipt subscription', async () => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: { ...respondAsync, ttl: '7' } });
  expect(answer).toMatchObject({ status: 202, headers: { ttl: '7', 'preference-applied': 'respond-async' } });
  expect(answer.headers.location).toMatch(new RegExp(`^${service.endpointOrigin}/m/`));
  receiptsOf(answer, service);
});

test.each([
  ['Respond-Async', 202],
  ['wait=5, respond-async', 202],
  ['respond-async; foo="a, b"', 202],
  ['return=minimal', 201],
  ['not-respond-async', 201],
  ['foo="a, respond-async, b"', 201],
])('Prefer: %s is %i', async (prefer, status) => {
  const { service, endpoint } = await subscribed();
  expect((await request(service, endpoint, { headers: { prefer } })).status).toBe(status);
});

test('TTL 0 is not kept, so it has no receipt', async () => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: { ...respondAsync, ttl: '0' } });
  expect([answer.status, answer.headers.link]).toEqual([201, undefined]);
});

test('an acknowledged message is pushed to its sender as 204, whether it was asked for before or after', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const before = await request(service, endpoint, { headers: respondAsync });
  const listener = await listenByPush(service, receiptsOf(before, service));
  await acknowledgeNext(client, channelID);
  expect(await listener.next()).toEqual([before.headers.location, 204]);

  const after = await request(service, endpoint, { headers: respondAsync });
  await acknowledgeNext(client, channelID);
  await client.ping();
  const other = await listenByPush(service, receiptsOf(after, service));
  expect(await other.next()).toEqual([after.headers.location, 204]);
  expect(await listener.waiting()).toBe(0);
});

test.each(['http/2', 'http/1.1'] as const)(
  'an acknowledged message is told as an event over %s, to a client that takes no pushes',
  async (version) => {
    const { service, client, channelID, endpoint } = await subscribed();
    const answer = await request(service, endpoint, { headers: respondAsync });
    const listener = await listenByEvents(service, receiptsOf(answer, service), version);
    await acknowledgeNext(client, channelID);
    expect(await listener.next()).toEqual([answer.headers.location, 204]);
  },
);

test('a message that expires is 410 at its time, and is neither delivered nor deletable any more', async () => {
  const clock = steppedClock();
  const { service, client, uaid, endpoint } = await subscribed({ clock });
  await client.disconnect();
  const answer = await request(service, endpoint, { headers: { ...respondAsync, ttl: '10' } });
  const listener = await listenByPush(service, receiptsOf(answer, service));
  clock.advanceSeconds(9);
  expect(await listener.waiting()).toBe(0);
  clock.advanceSeconds(1);
  expect(await listener.next()).toEqual([answer.headers.location, 410]);
  const again = await connectClient(service.autopushUrl);
  await again.hello(uaid);
  expect(await again.ping()).toBe('pong');
  expect((await request(service, answer.headers.location ?? '', { method: 'DELETE' })).status).toBe(404);
});

test('messages of a subscription that ends are 410', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: respondAsync });
  const listener = await listenByPush(service, receiptsOf(answer, service));
  client.send({ messageType: 'unregister', channelID });
  expect(await listener.next()).toEqual([answer.headers.location, 410]);
});

test('receipts of messages that were replaced or deleted are suppressed', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const first = await request(service, endpoint, { headers: { ...respondAsync, topic: 'score' } });
  const { version } = await client.next();
  const link = `<${receiptsOf(first, service)}>; rel="urn:ietf:params:push:receipt"`;
  const push = (headers: Record<string, string>) =>
    request(service, endpoint, { headers: { ...respondAsync, link, ...headers } });
  await push({ topic: 'score', ttl: '0' });
  // An acknowledgement that comes after the message was replaced.
  client.ack(channelID, version);
  const deleted = await push({});
  await request(service, deleted.headers.location ?? '', { method: 'DELETE' });
  const listener = await listenByPush(service, receiptsOf(first, service));
  const last = await push({});
  for (let count = 0; count < 3; count += 1) await acknowledgeNext(client, channelID);
  expect(await listener.next()).toEqual([last.headers.location, 204]);
  expect(await listener.waiting()).toBe(0);
});

test('a push that links a receipt subscription of this service has its receipt there', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const first = await request(service, endpoint, { headers: respondAsync });
  const url = receiptsOf(first, service);
  // A relative one is as good, and among others.
  const link = `<https://example.com/a>; rel="next", <${new URL(url).pathname}>; rel=urn:ietf:params:push:receipt`;
  const second = await request(service, endpoint, { headers: { ...respondAsync, link } });
  expect(receiptsOf(second, service)).toBe(url);
  const listener = await listenByPush(service, url);
  await acknowledgeNext(client, channelID);
  await acknowledgeNext(client, channelID);
  expect([await listener.next(), await listener.next()]).toEqual([
    [first.headers.location, 204],
    [second.headers.location, 204],
  ]);
});

test.each([
  ['is unknown here', (origin: string) => `<${origin}/r/${'A'.repeat(43)}>; rel="urn:ietf:params:push:receipt"`],
  ['is elsewhere', () => `<https://example.com/r/AAAA>; rel="urn:ietf:params:push:receipt"`],
  ['has another relation', (origin: string) => `<${origin}/r/AAAA>; rel="urn:ietf:params:push"`],
  ['is no URL', () => `<https://:::>; rel="urn:ietf:params:push:receipt"`],
])('a linked receipt subscription that %s is replaced by a new one', async (_name, link) => {
  const { service, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: { ...respondAsync, link: link(service.endpointOrigin) } });
  expect(answer.status).toBe(202);
  expect(receiptsOf(answer, service)).not.toContain('AAAA');
});

test('more receipts than are under way at once all arrive, once, in the order of their pushes', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const first = await request(service, endpoint, { headers: respondAsync });
  const url = receiptsOf(first, service);
  const locations = [first.headers.location];
  const headers = { ...respondAsync, link: `<${url}>; rel="urn:ietf:params:push:receipt"` };
  for (let count = 1; count < 250; count += 1) {
    locations.push((await request(service, endpoint, { headers })).headers.location);
  }
  for (let count = 0; count < 250; count += 1) await acknowledgeNext(client, channelID);
  await client.ping();
  const listener = await listenByPush(service, url);
  const told: (string | undefined)[] = [];
  for (let count = 0; count < 250; count += 1) told.push((await listener.next())[0]);
  expect(told).toEqual(locations);
  expect(await listener.waiting()).toBe(0);
});

test('what was delivered is not told again to the next that asks, and what was not is', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: respondAsync });
  const url = receiptsOf(answer, service);
  const link = `<${url}>; rel="urn:ietf:params:push:receipt"`;
  const listener = await listenByPush(service, url);
  await acknowledgeNext(client, channelID);
  await listener.next();
  // The service asks whether it arrived: once it has asked, and once more until it has the answer.
  expect([await listener.waiting(), await listener.waiting()]).toEqual([0, 0]);
  listener.stop();
  const later = await request(service, endpoint, { headers: { ...respondAsync, link } });
  await acknowledgeNext(client, channelID);
  await client.ping();
  const next = await listenByPush(service, url);
  expect(await next.next()).toEqual([later.headers.location, 204]);
  expect(await next.waiting()).toBe(0);
});

test.each([
  ['a push', {}],
  ['an event', { accept: 'text/event-stream' }],
])('a receipt that left as %s and never arrived is told to the next that asks', async (_name, headers) => {
  const { service, client, channelID, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: respondAsync });
  const url = receiptsOf(answer, service);
  const network = await cuttableNetwork(service);
  const session = connectSession(service, { createConnection: network.connect });
  await once(session, 'connect');
  session.request({ ':path': new URL(url).pathname, ...headers }).on('error', () => {});
  await new Promise<void>((resolve) => void session.ping(() => resolve()));
  network.cut();
  await acknowledgeNext(client, channelID);
  // Before it answered this, the service sent the receipt.
  expect(await client.ping()).toBe('pong');
  session.destroy();
  const next = await listenByPush(service, url);
  expect(await next.next()).toEqual([answer.headers.location, 204]);
});

/** A way to the service on which, once it is cut, nothing comes back. */
async function cuttableNetwork(service: PushService) {
  let isCut = false;
  const proxy = createServer((near) => {
    const far = connect(service.address.port, service.address.host);
    near.on('error', () => {}).pipe(far);
    far.on('data', (chunk: Buffer) => isCut || near.write(chunk));
    far.on('error', () => {});
  });
  onTestFinished(() => void proxy.close());
  const port = await listen(proxy, { host: '127.0.0.1', port: 0 });
  const ca = service.certificateAuthority;
  return {
    connect: () => tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ALPNProtocols: ['h2'] }),
    cut: () => {
      isCut = true;
    },
  };
}

test('a receipt subscription is GET only, 404 where there is none, and 404 long after it was used last', async () => {
  const clock = steppedClock();
  const { service, endpoint } = await subscribed({ clock });
  const url = receiptsOf(await request(service, endpoint, { headers: respondAsync }), service);
  const post = await request(service, url);
  expect([post.status, post.headers.allow]).toEqual([405, 'GET']);
  const unknown = await request(service, `${service.endpointOrigin}/r/${'A'.repeat(43)}`, { method: 'GET' });
  expect([unknown.status, JSON.parse(unknown.body).errno]).toEqual([404, 102]);
  clock.advanceSeconds(2 * 2_592_000);
  expect((await request(service, url, { method: 'GET' })).status).toBe(404);
});

test('a listener that refuses server push by its settings gets events', async () => {
  const { service, client, channelID, endpoint } = await subscribed();
  const answer = await request(service, endpoint, { headers: respondAsync });
  const session = connectSession(service, { settings: { enablePush: false } });
  const stream = session.request({ ':path': new URL(receiptsOf(answer, service)).pathname });
  const events = stream.setEncoding('utf8')[Symbol.asyncIterator]();
  await events.next();
  await acknowledgeNext(client, channelID);
  expect((await events.next()).value).toBe(`data: {"message":"${answer.headers.location}","status":204}\n\n`);
  session.destroy();
});
