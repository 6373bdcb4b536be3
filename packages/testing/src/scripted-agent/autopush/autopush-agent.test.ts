import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import webPush from 'web-push';
import { type WebSocket, WebSocketServer } from 'ws';
import { send, startedPushService } from '../push-sender.test-data.ts';
import { scriptedAgentContract } from '../scripted-agent-contract.ts';
import { startScriptedAgent } from '../start-scripted-agent.ts';
import { parseServerMessage } from './parse-server-message.ts';

scriptedAgentContract({
  start: (pushService, options) => startScriptedAgent({ pushService, ...options }),
  endpointPrefix: ({ endpointOrigin }) => `${endpointOrigin}/wpush/v2/`,
});

test('without an application server key, anybody that has the endpoint may push', async () => {
  const pushService = await startedPushService();
  const agent = await startScriptedAgent({ pushService });
  onTestFinished(() => agent.close());
  await send(pushService, { to: agent.subscription, payload: 'x', vapid: webPush.generateVAPIDKeys() });
  expect((await agent.nextPush()).text()).toBe('x');
});

// What no sound push service does, from one that is told what to say.

type Frame = { readonly messageType: string; readonly channelID?: string; readonly updates?: readonly unknown[] };
type Answer = (frame: Frame, socket: WebSocket) => void;

const welcome: Answer = (frame, socket) => {
  if (frame.messageType === 'hello') say(socket, { messageType: 'hello', uaid: 'someone' });
  if (frame.messageType === 'register') {
    const { channelID } = frame;
    say(socket, { messageType: 'register', channelID, status: 200, pushEndpoint: `https://push.example/${channelID}` });
  }
};

function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

async function serve(answer: Answer): Promise<{ readonly autopushUrl: string }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => answer(JSON.parse(data.toString()), socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return { autopushUrl: `ws://127.0.0.1:${address.port}/` };
}

test('a push that comes again is acknowledged as such and handed out once; one of a foreign channel is not', async () => {
  const codes: unknown[] = [];
  const acknowledged = Promise.withResolvers<void>();
  const registered = Promise.withResolvers<{ readonly socket: WebSocket; readonly channelID: string | undefined }>();
  const pushService = await serve((frame, socket) => {
    welcome(frame, socket);
    if (frame.messageType === 'register') registered.resolve({ socket, channelID: frame.channelID });
    codes.push(...(frame.updates ?? []));
    if (codes.length === 4) acknowledged.resolve();
  });
  let pushes = 0;
  const agent = await startScriptedAgent({ pushService, onPush: () => (pushes += 1) });
  onTestFinished(() => agent.close());
  const { socket, channelID } = await registered.promise;
  const push = { messageType: 'notification', channelID, version: 'v1' };
  say(socket, push);
  say(socket, push);
  say(socket, { ...push, channelID: crypto.randomUUID(), version: 'v2' });
  say(socket, { ...push, version: 'v3' });
  await acknowledged.promise;
  expect(codes).toMatchObject([
    { version: 'v1', code: 100 },
    { version: 'v1', code: 102 },
    { version: 'v2', code: 102 },
    { version: 'v3', code: 100 },
  ]);
  expect(pushes).toBe(2);
});

test('a frame that is no autopush ends the connection with 1002 and is what the agent then says', async () => {
  const closedWith = Promise.withResolvers<number>();
  const pushService = await serve((frame, socket) => {
    welcome(frame, socket);
    if (frame.messageType !== 'unregister') return;
    socket.once('close', closedWith.resolve);
    socket.send('}');
  });
  const agent = await startScriptedAgent({ pushService });
  await Promise.all([
    expect(agent.nextPush()).rejects.toMatchObject({ code: 'unreadable-frame' }),
    expect(agent.unsubscribe()).rejects.toMatchObject({ code: 'unreadable-frame' }),
  ]);
  expect(await closedWith.promise).toBe(1002);
});

test.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['a hello without a uaid', '{"messageType":"hello"}'],
  ['a registration without its endpoint', '{"messageType":"register","channelID":"c","status":200}'],
  ['an unregistration without a channel', '{"messageType":"unregister","status":200}'],
  ['a notification without a version', '{"messageType":"notification","channelID":"c"}'],
  ['data that is no base64url', '{"messageType":"notification","channelID":"c","version":"v","data":"+/"}'],
])('%s is no autopush', (_what, frame) => {
  expect(parseServerMessage(frame)).toBeUndefined();
});

test('messages that a later service may have are none of its concern', () => {
  expect(parseServerMessage('{}')).toEqual({ type: 'unknown' });
  expect(parseServerMessage('{"messageType":"broadcast","broadcasts":{}}')).toEqual({ type: 'unknown' });
});
