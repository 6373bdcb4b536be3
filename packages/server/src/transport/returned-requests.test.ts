import { constants, type Http2Session } from 'node:http2';
import { expect, test } from 'vitest';
import { INTERRUPTED_RETRY_MS } from './no-answer-to.ts';
import type { PushAnswer } from './push-transport.ts';
import { type Exchange, NEVER, pushTo, range, startTlsServer, transportTo } from './tls-server.test-data.ts';

const EVE = 1;
const BOB = 100;
const ACCEPTED = { kind: 'answer', status: 201 };

const accept = ({ response }: Exchange): void => void response.writeHead(201).end();

function streamOf({ request }: Exchange) {
  if (!('stream' in request)) throw new TypeError('it came over HTTP/2');
  return request.stream;
}

function sessionOf(exchange: Exchange): Http2Session {
  const { session } = streamOf(exchange);
  if (session === undefined) throw new Error('it has not ended');
  return session;
}

/** A server that accepts at once, but for paths that begin with /evil, and /slow, which wait. */
async function start(evil: (exchange: Exchange) => void) {
  const server = await startTlsServer({ settings: { maxConcurrentStreams: 1_000 } });
  const slow: Exchange[] = [];
  server.onRequest = (exchange) => {
    if (exchange.path.startsWith('/evil')) evil(exchange);
    else if (exchange.path.startsWith('/slow')) slow.push(exchange);
    else accept(exchange);
  };
  const { transport, clock } = transportTo(server);
  const send = (path: string, userId: number, isProven = true): Promise<PushAnswer> =>
    transport.send(pushTo(path), NEVER, { userId, hasAccepted: isProven });
  /** After so many responses the push service gets requests of all users at once. */
  const warmUp = async (): Promise<void> => {
    for (const round of range(5)) await Promise.all(range(100).map((n) => send(`/${round}/${n}`, 2000 + n)));
  };
  return { server, clock, slow, send, warmUp };
}

test.each([1, 3])(
  'where a push service says GOAWAY for %d accounts, and gives back what others sent, these arrive, and it stays open',
  async (accounts) => {
    // It leaves out all streams but the first.
    const { clock, send, warmUp } = await start((exchange) => {
      const session = sessionOf(exchange);
      session.goaway(constants.NGHTTP2_NO_ERROR, 1);
      setImmediate(() => session.destroy());
    });
    await warmUp();
    for (const message of range(10)) {
      const evil = range(accounts).map((n) => send(`/evil/${message}`, EVE + n));
      let others = range(40).map((n) => BOB + n);
      for (let attempts = 0; others.length > 0; attempts += 1) {
        const answers = await Promise.all(others.map((userId) => send(`/${userId}`, userId)));
        const isInterrupted = (answer: PushAnswer): boolean => 'reason' in answer && answer.reason === 'interrupted';
        expect(answers.filter((answer) => answer.kind !== 'answer' && !isInterrupted(answer))).toEqual([]);
        others = others.filter((_, index) => answers.slice(index, index + 1).some(isInterrupted));
        expect(attempts).toBeLessThan(4);
        clock.advance(INTERRUPTED_RETRY_MS);
      }
      await Promise.all(evil);
      clock.advance(1_000);
    }
  },
);

test('streams of one account that a push service refuses end no connection of others', async () => {
  const { server, slow, send } = await start((exchange) => streamOf(exchange).close(constants.NGHTTP2_REFUSED_STREAM));
  expect(await send('/', BOB)).toMatchObject(ACCEPTED);
  const others = range(5).map((n) => send(`/slow/${n}`, BOB + n));
  await server.request(5);
  for (const n of range(10)) void send(`/evil/${n}`, EVE);
  await expect.poll(() => server.received.filter(({ path }) => path.startsWith('/evil')).length).toBeGreaterThan(2);
  slow.forEach(accept);
  expect(await Promise.all(others)).toMatchObject(others.map(() => ACCEPTED));
  expect(server.received.filter(({ path }) => path.startsWith('/slow'))).toHaveLength(5);
});

test('a connection on which a push service lets one stream in does not hold up the others', async () => {
  const { server, slow, send, warmUp } = await start((exchange) => {
    accept(exchange);
    sessionOf(exchange).settings({ maxConcurrentStreams: 1 });
  });
  // The first connection of all is the attacker's.
  expect(await send('/evil', EVE, false)).toMatchObject(ACCEPTED);
  await warmUp();
  const before = server.received.length;
  const sent = range(50).map((n) => send(`/slow/${n}`, BOB + n));
  await server.request(before + 49);
  slow.forEach(accept);
  expect(await Promise.all(sent)).toMatchObject(sent.map(() => ACCEPTED));
});

test('what a push service holds that lets no stream in any more ends after five seconds', async () => {
  const { server, clock, send } = await start((exchange) => sessionOf(exchange).settings({ maxConcurrentStreams: 0 }));
  expect(await send('/', BOB)).toMatchObject(ACCEPTED);
  const sent = Promise.all([send('/evil', EVE), send('/slow', BOB)]);
  await server.request(2);
  const isSettled = sent.then(() => true);
  // The settings arrive at some time.
  const turn = async (): Promise<false> => {
    clock.advance(100);
    return await new Promise((resolve) => setTimeout(() => resolve(false), 5));
  };
  let turns = 0;
  while (!(await Promise.race([isSettled, turn()]))) turns += 1;
  expect(turns).toBeLessThan(290);
  expect(await sent).toMatchObject([{ reason: 'interrupted' }, { reason: 'interrupted' }]);
});

test('a user with many devices whose connection ended has several requests in flight', async () => {
  const { server, clock, slow, send, warmUp } = await start((exchange) => sessionOf(exchange).destroy());
  await warmUp();
  const before = server.received.length;
  const others = range(20).map((n) => send(`/slow/${n}`, BOB + n));
  const first = range(8).map((n) => send(`/slow/device/${n}`, 50));
  await server.request(before + 27);
  await send('/evil', EVE);
  expect(await Promise.all([...others, ...first])).toMatchObject(range(28).map(() => ({ reason: 'interrupted' })));
  clock.advance(INTERRUPTED_RETRY_MS);
  slow.length = 0;
  const again = range(8).map((n) => send(`/slow/device/${n}`, 50));
  await expect.poll(() => slow.length).toBeGreaterThan(3);
  server.onRequest = accept;
  slow.forEach(accept);
  expect(await Promise.all(again)).toMatchObject(again.map(() => ACCEPTED));
});

const refuse = (exchange: Exchange): void => streamOf(exchange).close(constants.NGHTTP2_REFUSED_STREAM);

test('a message that a push service gives back again and again is not sent for ever', async () => {
  const { clock, send } = await start(refuse);
  expect(await send('/', BOB)).toMatchObject(ACCEPTED);
  const reasons = [];
  while (reasons.length < 10) {
    const answer = await send('/evil', EVE);
    reasons.push('reason' in answer ? answer.reason : answer.kind);
    clock.advance(INTERRUPTED_RETRY_MS);
  }
  // Each time fewer users share the connection. Then it is known that it is this message.
  expect(reasons).toEqual([...range(3).map(() => 'interrupted'), ...range(7).map(() => 'connection')]);
});

test('a push service that gives everything back is left alone after a while', async () => {
  const { clock, send } = await start(refuse);
  const reasons = new Set<string>();
  for (const n of range(100)) {
    const answer = await send('/evil', EVE + (n % 20));
    reasons.add('reason' in answer ? answer.reason : answer.kind);
    clock.advance(INTERRUPTED_RETRY_MS);
  }
  expect([...reasons]).toContain('circuit-open');
});

test('where a push service refuses streams of one account, no other user gets another connection', async () => {
  const { server, clock, send, warmUp } = await start(refuse);
  await warmUp();
  const sendAll = async (): Promise<void> => {
    const answers = await Promise.all(range(60).map((n) => send(`/${n}`, BOB + n)));
    expect(answers).toMatchObject(answers.map(() => ACCEPTED));
  };
  const connectionsOf = () => new Set(server.received.slice(-60).map(sessionOf)).size;
  await sendAll();
  const before = connectionsOf();
  for (const n of range(5)) {
    await send(`/evil/${n}`, EVE);
    clock.advance(1_000);
    await sendAll();
    expect(connectionsOf()).toBe(before);
  }
});
