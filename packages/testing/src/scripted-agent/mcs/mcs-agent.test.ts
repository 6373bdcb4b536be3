import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { expect, onTestFinished, test } from 'vitest';
import type { ReceivedPush } from '../received-push.ts';
import type { ScriptedAgent } from '../scripted-agent.ts';
import { scriptedAgentContract } from '../scripted-agent-contract.ts';
import { startScriptedAgent } from '../start-scripted-agent.ts';
import { MCS_TAG } from './mcs-tag.ts';
import {
  type AgentFrame,
  dataMessage,
  startToldMcsService,
  type ToldMcsService,
} from './told-mcs-service.test-data.ts';
import { int, message, text } from './write-field.ts';

scriptedAgentContract({
  start: (pushService, options) => startScriptedAgent({ protocol: 'mcs', pushService, ...options }),
  endpointPrefix: () => 'https://fcm.googleapis.com/fcm/send/',
});

// What no test can see of a real push service, from one that is told what to say.

const applicationServerKey = 'key';

interface Told {
  readonly service: ToldMcsService;
  readonly agent: ScriptedAgent;
  readonly login: AgentFrame;
}

/** An agent that is logged in; its LoginRequest is the first of its frames, and the answer the first of the service's. */
async function toldAgent(onPush?: (push: ReceivedPush) => void): Promise<Told> {
  const service = await startToldMcsService();
  const starting = startScriptedAgent({
    protocol: 'mcs',
    pushService: { chromium: service.endpoints },
    applicationServerKey,
    onPush,
  });
  const login = await acceptLogin(service);
  const agent = await starting;
  onTestFinished(() => agent.close());
  return { service, agent, login };
}

async function acceptLogin(service: ToldMcsService): Promise<AgentFrame> {
  const login = await service.next();
  service.send(MCS_TAG.loginResponse, int(text(new BinaryWriter(), 1, ''), 6, 1));
  return login;
}

function push({ service }: Pick<Told, 'service'>, options: Partial<Parameters<typeof dataMessage>[0]> = {}): void {
  const { subtype } = service;
  const stanza = dataMessage({ from: applicationServerKey, subtype, persistentId: 'p', ...options });
  service.send(MCS_TAG.dataMessageStanza, stanza);
}

const receivedIds = ({ fields }: AgentFrame): string[] => fields.messages(10).map((id) => Buffer.from(id).toString());

test('it logs in with what its check-in gave, in the form that Chromium has', async () => {
  const { login } = await toldAgent();
  expect(login.tag).toBe(MCS_TAG.loginRequest);
  const { fields } = login;
  expect([2, 3, 4, 5, 6].map((field) => fields.string(field))).toEqual([
    'mcs.android.com',
    '11',
    '11',
    '12',
    'android-b',
  ]);
  expect([12, 14, 16, 17].map((field) => fields.integer(field))).toEqual([0n, 1n, 2n, 1n]);
  expect(receivedIds(login)).toEqual([]);
});

test('it acknowledges at once where it is asked to, and otherwise every tenth message', async () => {
  const told = await toldAgent();
  push(told);
  const ack = await told.service.next();
  expect([ack.tag, ack.fields.integer(10)]).toEqual([MCS_TAG.iqStanza, 2n]);
  for (let count = 0; count < 10; count += 1) push(told, { immediateAck: false });
  expect((await told.service.next()).fields.integer(10)).toBe(12n);
});

test('it answers a heartbeat with how many frames have arrived', async () => {
  const { service } = await toldAgent();
  service.send(MCS_TAG.heartbeatPing);
  const { tag, fields } = await service.next();
  expect([tag, fields.integer(2)]).toEqual([MCS_TAG.heartbeatAck, 2n]);
});

test('each login names what arrived before, until the service has said that it knows', async () => {
  const told = await toldAgent();
  const { service, agent } = told;
  push(told, { persistentId: 'first' });
  await service.next();
  // The LoginRequest and the first acknowledgement have arrived.
  push(told, { persistentId: 'second', lastStreamId: 2 });
  await service.next();
  push(told, { persistentId: 'third', lastStreamId: 2 });
  await service.next();
  await agent.disconnect();

  const endUnanswered = async (): Promise<void> => {
    expect(receivedIds(await service.next())).toEqual(['second', 'third']);
    service.disconnect();
  };
  await Promise.all([expect(agent.connect()).rejects.toMatchObject({ code: 'disconnected' }), endUnanswered()]);
  const [again] = await Promise.all([acceptLogin(service), agent.connect()]);
  expect(receivedIds(again)).toEqual(['second', 'third']);
  await agent.disconnect();
  const [last] = await Promise.all([acceptLogin(service), agent.connect()]);
  expect(receivedIds(last)).toEqual([]);
});

test('a push of another subscription or another key is acknowledged and not handed out', async () => {
  let pushes = 0;
  const told = await toldAgent(() => (pushes += 1));
  push(told, { subtype: 'wp:https://scripted-agent.test/#another' });
  push(told, { from: 'another' });
  push(told);
  for (const lastStreamId of [2n, 3n, 4n]) {
    expect((await told.service.next()).fields.integer(10)).toBe(lastStreamId);
  }
  expect(pushes).toBe(1);
});

test.each([
  ['a length beyond the limit', '08818001'],
  ['an unknown tag', '0500'],
  ['no protobuf', '080109'],
  ['a second answer to its login', '030130'],
])('%s ends the connection and is what the agent then says', async (_what, hex) => {
  const { service, agent } = await toldAgent();
  service.sendRaw(hex);
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'unreadable-frame' });
  await expect(agent.unsubscribe()).rejects.toMatchObject({ code: 'disconnected' });
});

test('a service that closes the connection is one that the agent has lost', async () => {
  const { service, agent } = await toldAgent();
  service.send(MCS_TAG.close);
  await expect(agent.nextPush()).rejects.toMatchObject({ code: 'disconnected' });
});

test('a certificate of another key is met with no word', async () => {
  const { endpoints } = await startToldMcsService();
  const chromium = { ...endpoints, certificateSpkiHash: `${endpoints.certificateSpkiHash.slice(1)}A` };
  const started = startScriptedAgent({ protocol: 'mcs', pushService: { chromium }, applicationServerKey });
  await expect(started).rejects.toMatchObject({ code: 'push-service-unreachable' });
});

test('a service that refuses the login of its own check-in is not asked for ever', async () => {
  const service = await startToldMcsService();
  const started = startScriptedAgent({
    protocol: 'mcs',
    pushService: { chromium: service.endpoints },
    applicationServerKey,
  });
  await service.next();
  service.send(MCS_TAG.loginResponse, text(int(message(text(new BinaryWriter(), 1, ''), 3), 1, 401), 2, 'no').join());
  await expect(started).rejects.toMatchObject({ code: 'disconnected' });
});

test('without an application server key it says that Chromium has no subscription', async () => {
  const service = await startToldMcsService();
  // As from JavaScript.
  const untyped: { readonly applicationServerKey: string } = JSON.parse('{}');
  const started = startScriptedAgent({ protocol: 'mcs', pushService: { chromium: service.endpoints }, ...untyped });
  const refusal = {
    code: 'registration-refused',
    message: expect.stringContaining('without an applicationServerKey'),
  };
  await Promise.all([expect(started).rejects.toMatchObject(refusal), acceptLogin(service)]);
});
