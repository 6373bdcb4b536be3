import { afterEach, beforeEach, expect, test } from 'vitest';
import { aSecret } from '../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
/** Users by session, as the application keeps them. */
let sessions: Map<string, string>;
let authentications: number;
let isDown: boolean;
beforeEach(async () => {
  server = await startTestBelfry();
  sessions = new Map([['s1', 'ada']]);
  authentications = 0;
  isDown = false;
  await server.restart({
    authenticate(request) {
      authentications += 1;
      if (isDown) throw new TypeError('the session store is down');
      const sessionId = request.headers.get('x-session') ?? '';
      const userId = sessions.get(sessionId);
      return userId === undefined ? null : { userId, sessionId };
    },
  });
});
afterEach(() => server.close());

/** A subscription under session s1 whose body has begun to arrive. `finish` has the rest arrive. */
async function slowSubscribe() {
  const browser = subscribeAtSink();
  const bytes = new TextEncoder().encode(JSON.stringify({ ...browser.subscription, deviceSecret: aSecret() }));
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const request = new Request(`${ORIGIN}/api/push/subscribe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-session': 's1' },
    body: readable,
    duplex: 'half',
  });
  const response = server.belfry.handle(request);
  await writer.write(bytes.subarray(0, 10));
  await expect.poll(() => authentications).toBe(1);
  const finish = async () => {
    await Promise.all([writer.write(bytes.subarray(10)), writer.close()]);
    return (await response).status;
  };
  return { browser, finish };
}

test('a session that ends while its subscription arrives gets no device, and none of its user’s messages', async () => {
  const { browser, finish } = await slowSubscribe();
  sessions.delete('s1');
  expect(await server.belfry.endSession('s1')).toBe(0);
  expect(await finish()).toBe(401);
  const sent = await server.belfry.notify('ada', { title: 'The new password is …' });
  await sent.settled();
  expect([sent.devices, server.sink.received.map((push) => browser.read(push))]).toEqual([0, []]);
});

test('one of another user or session by then gets none either', async () => {
  const { finish } = await slowSubscribe();
  sessions.set('s1', 'bob');
  expect(await finish()).toBe(401);
  expect([...(await server.belfry.devicesOf('ada')), ...(await server.belfry.devicesOf('bob'))]).toEqual([]);
});

test('where nobody can say whether it goes on, nothing is kept, and the browser tries again', async () => {
  const { finish } = await slowSubscribe();
  isDown = true;
  expect(await finish()).toBe(503);
  expect(await server.belfry.devicesOf('ada')).toEqual([]);
});

test('one that goes on has its device', async () => {
  const { finish } = await slowSubscribe();
  expect(await finish()).toBe(201);
  expect(await server.belfry.devicesOf('ada')).toHaveLength(1);
});
