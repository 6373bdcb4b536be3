import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encrypt, parseAuthSecret, parseP256dh } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { recordingLogger, startedService } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';
import type { PushService } from '../push-service.ts';
import { startPushService } from '../start-push-service.ts';
import type { ArrivedPush, ScriptedSubscriptionJson } from './push-service-control.ts';

/** Sends a text to a subscription that has keys, rightly signed. */
async function push(service: PushService, subscription: ScriptedSubscriptionJson, text: string): Promise<number> {
  const [p256dh, auth] = [parseP256dh(subscription.keys.p256dh), parseAuthSecret(subscription.keys.auth)];
  if (!p256dh.ok || !auth.ok) throw new Error('the keys of a subscription are well formed');
  const body = encrypt({ plaintext: new TextEncoder().encode(text), p256dh: p256dh.value, auth: auth.value });
  const audience = new URL(subscription.endpoint).origin;
  const headers = {
    'content-encoding': 'aes128gcm',
    ...authorize({ service, keys: applicationServer, now: Date.now(), audience }),
  };
  return (await request(service, subscription.endpoint, { headers, body })).status;
}

const latest = (service: PushService): ArrivedPush | undefined => service.pushes()[0];

test('a scripted subscription takes pushes, reads them, and is never shown with its endpoint', async () => {
  const service = await startedService();
  const subscription = service.createSubscription({ applicationServerKey: applicationServer.publicKey });
  expect(await push(service, subscription, '{"title":"Hello"}')).toBe(201);
  expect(latest(service)).toMatchObject({
    subscription: subscription.id,
    state: 'delivered',
    status: 201,
    ttlSeconds: 60,
    text: '{"title":"Hello"}',
    json: { title: 'Hello' },
    vapid: { aud: service.endpointOrigin, sub: 'mailto:ops@example.com' },
    headers: { authorization: `vapid t=…, k=${applicationServer.publicKey}` },
  });
  expect(service.subscriptions()).toEqual([
    {
      id: subscription.id,
      userAgent: 'scripted',
      site: undefined,
      applicationServerKey: applicationServer.publicKey,
      persona: 'rfc8030',
      isLive: true,
      isConnected: true,
      waiting: 0,
    },
  ]);
  const shown = JSON.stringify([service.pushes(), service.subscriptions()]);
  expect(shown).not.toContain(new URL(subscription.endpoint).pathname.split('/').at(-1));
});

test('a scripted subscription outlives the service, persona included', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'belfry-control-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const before = await startPushService({ dataDir, autopushPort: 0, endpointPort: 0 });
  const subscription = before.createSubscription({ persona: 'apple' });
  await before.close();
  const service = await startedService({ dataDir });
  expect(await push(service, subscription, 'again')).toBe(201);
  expect(latest(service)).toMatchObject({ text: 'again', persona: 'apple', state: 'delivered' });
});

test('what a browser receives is listed too, until it is delivered and after, but cannot be read', async () => {
  const { service, endpoint, client, channelID } = await subscribed();
  const states: string[] = [];
  const delivered = Promise.withResolvers<void>();
  service.onPush(({ state }) => {
    states.push(state);
    if (state === 'delivered') delivered.resolve();
  });
  const body = Uint8Array.of(1, 2, 3);
  await request(service, endpoint, { headers: { 'content-encoding': 'aes128gcm' }, body });
  expect(latest(service)).toMatchObject({ state: 'waiting', bodyBytes: 3, text: undefined, subscription: 1 });
  client.ack(channelID, (await client.next()).version);
  await delivered.promise;
  expect(states).toEqual(['waiting', 'delivered']);
});

test('a user agent may acknowledge sooner than the push is answered', async () => {
  const { service, endpoint, client, channelID } = await subscribed();
  const delivered = Promise.withResolvers<void>();
  service.onPush(({ state }) => state === 'delivered' && delivered.resolve());
  const answered = request(service, endpoint);
  client.ack(channelID, (await client.next()).version);
  await delivered.promise;
  expect((await answered).status).toBe(201);
  expect(service.pushes().map(({ state }) => state)).toEqual(['delivered']);
});

test('refused pushes are listed with their answer, also those to endpoints that there are not', async () => {
  const { service, endpoint } = await subscribed({ key: applicationServer.publicKey });
  await request(service, endpoint);
  await request(service, `${service.endpointOrigin}/wpush/v2/${'A'.repeat(43)}`);
  expect(service.pushes()).toMatchObject([
    { status: 404, state: 'refused', subscription: undefined },
    { status: 401, state: 'refused', subscription: 1, answer: expect.stringContaining('bound to a VAPID key') },
  ]);
});

test('what ends a waiting push is told: replaced, deleted, unsubscribed', async () => {
  const { service, endpoint, client } = await subscribed();
  await client.disconnect();
  await request(service, endpoint, { headers: { topic: 'score' } });
  await request(service, endpoint, { headers: { topic: 'score' } });
  const { headers } = await request(service, endpoint);
  await request(service, headers.location ?? '', { method: 'DELETE' });
  await request(service, endpoint, { headers: { ttl: '0' } });
  expect(service.subscriptions()).toMatchObject([{ userAgent: 'autopush', waiting: 1, isConnected: false }]);
  service.expireSubscription(endpoint);
  expect(service.pushes().map(({ state }) => state)).toEqual(['missed', 'deleted', 'unsubscribed', 'replaced']);
  expect((await request(service, endpoint)).status).toBe(410);
});

test('a push is sent again under another name', async () => {
  const { service, endpoint, client, channelID } = await subscribed();
  const headers = { 'content-encoding': 'aes128gcm' };
  await request(service, endpoint, { headers, body: Uint8Array.of(9) });
  const first = await client.next();
  client.ack(channelID, first.version);
  service.resend(latest(service)?.id ?? 0);
  const second = await client.next();
  expect(second).toMatchObject({ channelID, data: 'CQ' });
  expect(second.version).not.toBe(first.version);
  expect(latest(service)).toMatchObject({ resendOf: 1, state: 'waiting' });
});

test('what was refused, or whose subscription has ended, is not sent again', async () => {
  const { service, endpoint } = await subscribed();
  await request(service, endpoint, { headers: { ttl: 'x' } });
  await request(service, endpoint);
  service.expireSubscription(1);
  const notResendable = expect.objectContaining({ code: 'not-resendable' });
  expect(() => service.resend(1)).toThrow(notResendable);
  expect(() => service.resend(2)).toThrow(notResendable);
  expect(() => service.resend(3)).toThrow(expect.objectContaining({ code: 'unknown-push' }));
});

test('only so many pushes are kept, the latest', async () => {
  const { service, endpoint } = await subscribed({ keptPushes: 2 });
  for (const ttl of ['1', '2', '3']) await request(service, endpoint, { headers: { ttl } });
  expect(service.pushes().map(({ ttlSeconds }) => ttlSeconds)).toEqual([3, 2]);
  service.clearPushes();
  expect(service.pushes()).toEqual([]);
});

test('nothing is kept where nothing is to be', async () => {
  const { service, endpoint, client } = await subscribed({ keptPushes: 0 });
  await request(service, endpoint);
  expect((await client.next()).messageType).toBe('notification');
  expect(service.pushes()).toEqual([]);
});

test('a persona is set for the service, an origin or one subscription, the nearest wins', async () => {
  const service = await startedService({ persona: 'mozilla' });
  const [one, other] = [service.createSubscription(), service.createSubscription({ persona: 'rfc8030' })];
  service.setPersona('wns', { subscription: one });
  expect(service.subscriptions().map(({ persona }) => persona)).toEqual(['rfc8030', 'wns']);
  service.setPersona('apple');
  expect(service.createSubscription().id).toBe(other.id + 1);
  expect(service.subscriptions()[0]?.persona).toBe('apple');
});

test('shared keys open what comes for a subscription of another user agent', async () => {
  const service = await startedService();
  const scripted = service.createSubscription();
  await push(service, scripted, 'mine');
  expect(latest(service)?.text).toBe('mine');
  const strangersKeys = { privateKey: 'A'.repeat(42).concat('E'), auth: 'A'.repeat(22) };
  service.shareKeys(scripted, strangersKeys);
  expect(latest(service)?.text).toBeUndefined();
  const invalidKey = expect.objectContaining({ code: 'invalid-key' });
  expect(() => service.shareKeys(scripted, { ...strangersKeys, auth: 'AA' })).toThrow(invalidKey);
});

test('misuse says what is wrong without the value', async () => {
  const service = await startedService();
  const endpoint = `${service.endpointOrigin}/wpush/v2/${'S'.repeat(43)}`;
  expect(() => service.expireSubscription(endpoint)).toThrow(expect.objectContaining({ code: 'unknown-subscription' }));
  expect(() => service.expireSubscription(endpoint)).not.toThrow(/SSSS/);
  expect(() => service.rotateSubscription(5)).toThrow('no subscription 5');
  // @ts-expect-error -- what a test without types may pass
  expect(() => service.setPersona('nokia')).toThrow(expect.objectContaining({ code: 'unknown-persona' }));
  const invalidKey = expect.objectContaining({ code: 'invalid-key' });
  expect(() => service.createSubscription({ applicationServerKey: 'short' })).toThrow(invalidKey);
  // @ts-expect-error -- what a test without types may pass
  await expect(startPushService({ persona: 'nokia' })).rejects.toThrow('nokia');
});

test('a service that was closed says so', async () => {
  const service = await startPushService({ autopushPort: 0, endpointPort: 0 });
  await service.close();
  expect(() => service.subscriptions()).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('a listener that fails is told to the log, and to no sender and no user agent', async () => {
  const logger = recordingLogger();
  const { service, endpoint, client, channelID } = await subscribed({ logger });
  service.onPush(() => {
    throw new Error('a mistake of the listener');
  });
  // A Topic is written at once, so that its acknowledgement is a transaction.
  expect((await request(service, endpoint, { headers: { topic: 'score' } })).status).toBe(201);
  client.ack(channelID, (await client.next()).version);
  expect(await client.ping()).toBe('pong');
  expect(service.subscriptions()).toMatchObject([{ waiting: 0 }]);
  const failed = '["A listener of onPush failed",{"fault":"Error"}]';
  expect(logger.warnings).toEqual([failed, failed]);
});

test('a listener may use the service at once', async () => {
  const { service, endpoint, client, channelID } = await subscribed();
  service.onPush(({ state }) => state === 'delivered' && service.expireSubscription(endpoint));
  await request(service, endpoint, { headers: { topic: 'score' } });
  client.ack(channelID, (await client.next()).version);
  expect(await client.ping()).toBe('pong');
  expect((await request(service, endpoint)).status).toBe(410);
});

test('a receipt subscription is not shown: who knows it has the receipts', async () => {
  const { service, endpoint } = await subscribed();
  const headers = { prefer: 'respond-async' };
  const link = String((await request(service, endpoint, { headers })).headers.link);
  await request(service, endpoint, { headers: { ...headers, link, referer: link } });
  const shown = JSON.stringify(service.pushes());
  expect(shown).toContain('urn:ietf:params:push:receipt');
  expect(shown).not.toContain(/r\/([\w-]+)/.exec(link)?.[1]);
});

test('what names a subscription or an origin, and has none, is not for all', async () => {
  const service = await startedService();
  const unknown = expect.objectContaining({ code: 'unknown-subscription' });
  expect(() => service.addFault({ type: 'drop' }, { subscription: undefined })).toThrow(unknown);
  expect(() => service.setPersona('wns', { subscription: undefined })).toThrow(unknown);
  const invalid = expect.objectContaining({ code: 'invalid-origin' });
  expect(() => service.addFault({ type: 'drop' }, { origin: 'fcm' })).toThrow(invalid);
  service.addFault({ type: 'drop' }, { origin: 'https://fcm.googleapis.com/' });
  expect(service.faults()).toMatchObject([{ origin: 'https://fcm.googleapis.com' }]);
});
