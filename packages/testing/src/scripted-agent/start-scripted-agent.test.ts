import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import webPush from 'web-push';
import { applicationServer, send, startedPushService } from './push-sender.test-data.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { type ScriptedAgentOptions, startScriptedAgent } from './start-scripted-agent.ts';

const applicationServerKey = applicationServer.publicKey;

async function startedAgent(options: ScriptedAgentOptions): Promise<ScriptedAgent> {
  const agent = await startScriptedAgent(options);
  onTestFinished(() => agent.close());
  return agent;
}

test('what web-push encrypts and sends arrives decrypted, in its order', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });

  await send(pushService, { to: agent.subscription, payload: 'Grüße ✓' });
  await send(pushService, { to: agent.subscription, payload: '{"unread":3}' });
  await send(pushService, { to: agent.subscription, payload: Buffer.alloc(3993, 0xff) });
  expect((await agent.nextPush()).text()).toBe('Grüße ✓');
  expect((await agent.nextPush()).json()).toEqual({ unread: 3 });
  expect(Buffer.from((await agent.nextPush()).bytes).equals(Buffer.alloc(3993, 0xff))).toBe(true);
});

test('the subscription has the form that PushSubscription.toJSON() gives', async () => {
  const pushService = await startedPushService();
  const { subscription } = await startedAgent({ pushService });
  expect(JSON.parse(JSON.stringify(subscription))).toEqual({
    endpoint: expect.stringMatching(`^${pushService.endpointOrigin}/`),
    expirationTime: null,
    keys: { p256dh: expect.stringMatching(/^B[\w-]{86}$/), auth: expect.stringMatching(/^[\w-]{22}$/) },
  });
});

test('a push without payload is empty', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  await send(pushService, { to: agent.subscription });
  expect((await agent.nextPush()).bytes).toHaveLength(0);
});

test('the push service takes pushes signed with the application server key only', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  const pushed = send(pushService, { to: agent.subscription, payload: 'x', vapid: webPush.generateVAPIDKeys() });
  await expect(pushed).rejects.toMatchObject({ statusCode: 401 });
});

test('a push that was encrypted for another subscription rejects in its place, and the next one arrives', async () => {
  const pushService = await startedPushService();
  const [agent, other] = await Promise.all([
    startedAgent({ pushService, applicationServerKey }),
    startedAgent({ pushService, applicationServerKey }),
  ]);
  await send(pushService, { to: { ...other.subscription, endpoint: agent.subscription.endpoint }, payload: 'x' });
  await send(pushService, { to: agent.subscription, payload: 'y' });
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'undecryptable-push' });
  expect((await agent.nextPush()).text()).toBe('y');
});

test('what is pushed while it is disconnected arrives after it connects, and nothing comes twice', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  await send(pushService, { to: agent.subscription, payload: 'before' });
  expect((await agent.nextPush()).text()).toBe('before');

  await agent.disconnect();
  const next = agent.nextPush();
  await send(pushService, { to: agent.subscription, payload: 'meanwhile' });
  await agent.connect();
  expect((await next).text()).toBe('meanwhile');
  expect(agent.isSubscribed).toBe(true);
  await send(pushService, { to: agent.subscription, payload: 'after' });
  expect((await agent.nextPush()).text()).toBe('after');
});

test('it says that a push service ended, and is itself again at the next one with the same data', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-agent-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const first = await startedPushService({ dataDir });
  const autopushPort = Number(new URL(first.autopushUrl).port);
  const endpointPort = first.address.port;
  const agent = await startedAgent({ pushService: first, applicationServerKey });

  await Promise.all([expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' }), first.close()]);
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' });
  await expect(agent.unsubscribe()).rejects.toMatchObject({ code: 'disconnected' });
  await expect(agent.connect()).rejects.toMatchObject({ code: 'push-service-unreachable' });

  const second = await startedPushService({ dataDir, autopushPort, endpointPort, gcmPort: 0, mcsPort: 0 });
  await send(second, { to: agent.subscription, payload: 'still there' });
  await agent.connect();
  expect((await agent.nextPush()).text()).toBe('still there');
});

test('a push service that has forgotten it leaves it without a subscription, until it subscribes again', async () => {
  const first = await startedPushService();
  const autopushPort = Number(new URL(first.autopushUrl).port);
  const agent = await startedAgent({ pushService: first, applicationServerKey });
  const lost = agent.subscription;
  await first.close();

  const ports = { autopushPort, endpointPort: first.address.port, gcmPort: 0, mcsPort: 0 };
  const second = await startedPushService(ports);
  await agent.connect();
  expect(agent.isSubscribed).toBe(false);
  expect(agent.subscription).toEqual(lost);
  await agent.subscribe();
  await send(second, { to: agent.subscription, payload: 'found again' });
  expect((await agent.nextPush()).text()).toBe('found again');
});

test('unsubscribed, its endpoint is gone; subscribed again, it has another and other keys', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  const ended = agent.subscription;
  expect(await agent.subscribe()).toEqual(ended);
  expect(await agent.unsubscribe()).toBe(true);
  expect(await agent.unsubscribe()).toBe(false);
  await expect(send(pushService, { to: ended, payload: 'x' })).rejects.toMatchObject({ statusCode: 410 });

  const [renewed, same] = await Promise.all([agent.subscribe(), agent.subscribe()]);
  expect(same).toEqual(renewed);
  expect(renewed.endpoint).not.toBe(ended.endpoint);
  expect(renewed.keys.p256dh).not.toBe(ended.keys.p256dh);
  await send(pushService, { to: renewed, payload: 'renewed' });
  expect((await agent.nextPush()).text()).toBe('renewed');
});

test('onPush is called with each push, and nothing is kept', async () => {
  const pushService = await startedPushService();
  const called = Promise.withResolvers<string>();
  const onPush = (push: { text(): string }): void => called.resolve(push.text());
  const agent = await startedAgent({ pushService, applicationServerKey, onPush });
  await send(pushService, { to: agent.subscription, payload: 'one' });
  expect(await called.promise).toBe('one');

  const next = agent.nextPush();
  await send(pushService, { to: agent.subscription, payload: 'two' });
  expect((await next).text()).toBe('two');
});

test('a wait for a push ends with its signal, and takes no push with it', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  const wait = new AbortController();
  const next = agent.nextPush({ signal: wait.signal });
  wait.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await expect(agent.nextPush({ signal: wait.signal })).rejects.toThrow('enough');
  await send(pushService, { to: agent.subscription, payload: 'kept' });
  expect((await agent.nextPush()).text()).toBe('kept');
});

test('a closed agent says so, and its subscription stays with the push service', async () => {
  const pushService = await startedPushService();
  const agent = await startScriptedAgent({ pushService, applicationServerKey });
  await Promise.all([expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' }), agent.close()]);
  await agent.close();
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' });
  await expect(agent.connect()).rejects.toMatchObject({ code: 'agent-closed' });
  expect(await send(pushService, { to: agent.subscription, payload: 'x' })).toMatchObject({ statusCode: 201 });
});

test('disconnected before it is connected, it is not, and can be', async () => {
  const pushService = await startedPushService();
  const agent = await startedAgent({ pushService, applicationServerKey });
  await agent.disconnect();
  await Promise.all([expect(agent.connect()).rejects.toMatchObject({ code: 'disconnected' }), agent.disconnect()]);
  await Promise.all([agent.connect(), agent.connect()]);
  await send(pushService, { to: agent.subscription, payload: 'here' });
  expect((await agent.nextPush()).text()).toBe('here');
});

test('its signal ends it, and a start under way', async () => {
  const pushService = await startedPushService();
  const ending = new AbortController();
  const agent = await startScriptedAgent({ pushService, signal: ending.signal });
  const starting = startScriptedAgent({ pushService, signal: ending.signal });
  ending.abort(new Error('over'));
  await expect(starting).rejects.toThrow('over');
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' });
  await expect(startScriptedAgent({ pushService, signal: ending.signal })).rejects.toThrow('over');
});

test('it cannot start without a push service, or with what is no key', async () => {
  const pushService = await startedPushService();
  await expect(startScriptedAgent({ pushService, applicationServerKey: 'AAAA' })).rejects.toMatchObject({
    code: 'registration-refused',
  });
  await pushService.close();
  await expect(startScriptedAgent({ pushService })).rejects.toMatchObject({ code: 'push-service-unreachable' });
});

test('a process holds hundreds of them under one signal, each with its own pushes', async () => {
  const pushService = await startedPushService();
  const { signal } = new AbortController();
  const agents = await Promise.all(Array.from({ length: 300 }, () => startedAgent({ pushService, signal })));
  expect(new Set(agents.map(({ subscription }) => subscription.keys.p256dh)).size).toBe(300);
  const [first, last] = [agents[0], agents[299]];
  if (first === undefined || last === undefined) throw new Error('300 agents were started');
  await send(pushService, { to: last.subscription, payload: 'last' });
  await send(pushService, { to: first.subscription, payload: 'first' });
  expect((await first.nextPush()).text()).toBe('first');
  expect((await last.nextPush()).text()).toBe('last');
});
