import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PushService, PushServiceOptions } from '@belfry/push-service';
import { expect, onTestFinished, test } from 'vitest';
import webPush from 'web-push';
import { applicationServer, send, startedPushService } from './push-sender.test-data.ts';
import type { ReceivedPush } from './received-push.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

export interface ProtocolUnderTest {
  /** Starts an agent at a push service that any protocol's agent could be at. */
  start(pushService: PushService, options: StartOptions): Promise<ScriptedAgent>;
  /** What an endpoint begins with. */
  endpointPrefix(pushService: PushService): string;
}

export interface StartOptions {
  readonly applicationServerKey: string;
  readonly signal?: AbortSignal;
  readonly onPush?: (push: ReceivedPush) => void;
}

/** What a scripted agent does whatever it speaks, at a real push service. */
export function scriptedAgentContract({ start, endpointPrefix }: ProtocolUnderTest): void {
  const applicationServerKey = applicationServer.publicKey;

  async function startedAgent(pushService: PushService, options: Partial<StartOptions> = {}): Promise<ScriptedAgent> {
    const agent = await start(pushService, { applicationServerKey, ...options });
    onTestFinished(() => agent.close());
    return agent;
  }

  test('what web-push encrypts and sends arrives decrypted, in its order', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);

    await send(pushService, { to: agent.subscription, payload: 'Grüße ✓' });
    await send(pushService, { to: agent.subscription, payload: '{"unread":3}' });
    await send(pushService, { to: agent.subscription, payload: Buffer.alloc(3993, 0xff) });
    expect((await agent.nextPush()).text()).toBe('Grüße ✓');
    expect((await agent.nextPush()).json()).toEqual({ unread: 3 });
    expect(Buffer.from((await agent.nextPush()).bytes).equals(Buffer.alloc(3993, 0xff))).toBe(true);
  });

  test('a push service of this process can read what the agent receives, and show it', async () => {
    const pushService = await startedPushService();
    const agents = await Promise.all(Array.from({ length: 3 }, () => startedAgent(pushService)));
    for (const { subscription } of agents) await send(pushService, { to: subscription, payload: '{"unread":3}' });
    expect(pushService.pushes().map(({ json }) => json)).toEqual(agents.map(() => ({ unread: 3 })));
  });

  test('the subscription has the form that PushSubscription.toJSON() gives', async () => {
    const pushService = await startedPushService();
    const { subscription } = await startedAgent(pushService);
    expect(JSON.parse(JSON.stringify(subscription))).toEqual({
      endpoint: expect.stringMatching(`^${endpointPrefix(pushService)}[\\w-]+$`),
      expirationTime: null,
      keys: { p256dh: expect.stringMatching(/^B[\w-]{86}$/), auth: expect.stringMatching(/^[\w-]{22}$/) },
    });
  });

  test('a push without payload is empty', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
    await send(pushService, { to: agent.subscription });
    expect((await agent.nextPush()).bytes).toHaveLength(0);
  });

  test('the push service takes pushes signed with the application server key only', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
    const pushed = send(pushService, { to: agent.subscription, payload: 'x', vapid: webPush.generateVAPIDKeys() });
    await expect(pushed).rejects.toMatchObject({ statusCode: 401 });
  });

  test('a push that was encrypted for another subscription rejects in its place, and the next one arrives', async () => {
    const pushService = await startedPushService();
    const [agent, other] = await Promise.all([startedAgent(pushService), startedAgent(pushService)]);
    await send(pushService, { to: { ...other.subscription, endpoint: agent.subscription.endpoint }, payload: 'x' });
    await send(pushService, { to: agent.subscription, payload: 'y' });
    await expect(agent.nextPush()).rejects.toMatchObject({ code: 'undecryptable-push' });
    expect((await agent.nextPush()).text()).toBe('y');
  });

  test('what is pushed while it is disconnected arrives after it connects, and nothing comes twice', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
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
    const dataDir = await temporaryFolder();
    const first = await startedPushService({ dataDir });
    const agent = await startedAgent(first);

    await Promise.all([expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' }), first.close()]);
    await expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' });
    await expect(agent.unsubscribe()).rejects.toMatchObject({ code: 'disconnected' });
    await expect(agent.connect()).rejects.toMatchObject({ code: 'push-service-unreachable' });

    const second = await startedPushService({ dataDir, ...portsOf(first) });
    await send(second, { to: agent.subscription, payload: 'still there' });
    await agent.connect();
    expect((await agent.nextPush()).text()).toBe('still there');
  });

  test('a push service that has forgotten it leaves it without a subscription, until it subscribes again', async () => {
    const dataDir = await temporaryFolder();
    const first = await startedPushService({ dataDir });
    const agent = await startedAgent(first);
    const lost = agent.subscription;
    await first.close();

    // Its certificates stay: an agent that finds others does not connect.
    const database = (await readdir(dataDir)).filter((name) => name.startsWith('push-service.db'));
    for (const name of database) await rm(join(dataDir, name));
    const second = await startedPushService({ dataDir, ...portsOf(first) });
    await agent.connect();
    expect(agent.isSubscribed).toBe(false);
    expect(agent.subscription).toEqual(lost);
    await agent.subscribe();
    await send(second, { to: agent.subscription, payload: 'found again' });
    expect((await agent.nextPush()).text()).toBe('found again');
  });

  test('unsubscribed, its endpoint is gone; subscribed again, it has another and other keys', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
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
    const agent = await startedAgent(pushService, { onPush });
    await send(pushService, { to: agent.subscription, payload: 'one' });
    expect(await called.promise).toBe('one');

    const next = agent.nextPush();
    await send(pushService, { to: agent.subscription, payload: 'two' });
    expect((await next).text()).toBe('two');
  });

  test('a wait for a push ends with its signal, and takes no push with it', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
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
    const agent = await start(pushService, { applicationServerKey });
    await Promise.all([expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' }), agent.close()]);
    await agent.close();
    await expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' });
    await expect(agent.connect()).rejects.toMatchObject({ code: 'agent-closed' });
    expect(await send(pushService, { to: agent.subscription, payload: 'x' })).toMatchObject({ statusCode: 201 });
  });

  test('disconnected before it is connected, it is not, and can be', async () => {
    const pushService = await startedPushService();
    const agent = await startedAgent(pushService);
    await agent.disconnect();
    await Promise.all([expect(agent.connect()).rejects.toMatchObject({ code: 'disconnected' }), agent.disconnect()]);
    await Promise.all([agent.connect(), agent.connect()]);
    await send(pushService, { to: agent.subscription, payload: 'here' });
    expect((await agent.nextPush()).text()).toBe('here');
  });

  test('its signal ends it, and a start under way', async () => {
    const pushService = await startedPushService();
    const ending = new AbortController();
    const agent = await start(pushService, { applicationServerKey, signal: ending.signal });
    const starting = start(pushService, { applicationServerKey, signal: ending.signal });
    ending.abort(new Error('over'));
    await expect(starting).rejects.toThrow('over');
    await expect(agent.nextPush()).rejects.toMatchObject({ code: 'agent-closed' });
    await expect(start(pushService, { applicationServerKey, signal: ending.signal })).rejects.toThrow('over');
  });

  test('it cannot start without a push service, or with what is no key', async () => {
    const pushService = await startedPushService();
    await expect(start(pushService, { applicationServerKey: 'AAAA' })).rejects.toMatchObject({
      code: 'registration-refused',
    });
    await pushService.close();
    await expect(start(pushService, { applicationServerKey })).rejects.toMatchObject({
      code: 'push-service-unreachable',
    });
  });

  test('a process holds hundreds of them under one signal, each with its own pushes', { timeout: 60_000 }, async () => {
    const pushService = await startedPushService();
    const { signal } = new AbortController();
    const agents = await Promise.all(Array.from({ length: 300 }, () => startedAgent(pushService, { signal })));
    expect(new Set(agents.map(({ subscription }) => subscription.keys.p256dh)).size).toBe(300);
    const [first, last] = [agents[0], agents[299]];
    if (first === undefined || last === undefined) throw new Error('300 agents were started');
    await send(pushService, { to: last.subscription, payload: 'last' });
    await send(pushService, { to: first.subscription, payload: 'first' });
    expect((await first.nextPush()).text()).toBe('first');
    expect((await last.nextPush()).text()).toBe('last');
  });
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-agent-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function portsOf({ autopushUrl, address, chromium }: PushService): PushServiceOptions {
  const portOf = (url: string): number => Number(new URL(url).port);
  return {
    autopushPort: portOf(autopushUrl),
    endpointPort: address.port,
    gcmPort: portOf(chromium.checkinUrl),
    mcsPort: portOf(chromium.mcsEndpoint),
  };
}
