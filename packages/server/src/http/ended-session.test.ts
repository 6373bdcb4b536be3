import { afterEach, beforeEach, expect, test } from 'vitest';
import { aSecret } from '../testing/a-browser.test-data.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
/** Users by session, as the application keeps them. */
let sessions: Map<string, string>;
let authentications: number;
let isDown: boolean;
/** As a hook of a web framework, the application looks the session up once for each request. */
let lookedUp: WeakMap<Request, string | undefined>;
beforeEach(async () => {
  server = await startTestBelfry();
  sessions = new Map([
    ['s1', 'ada'],
    ['s2', 'ada'],
  ]);
  authentications = 0;
  isDown = false;
  lookedUp = new WeakMap();
  await server.restart({
    authenticate(request) {
      authentications += 1;
      if (isDown) throw new TypeError('the session store is down');
      const sessionId = request.headers.get('x-session') ?? '';
      if (!lookedUp.has(request)) lookedUp.set(request, sessions.get(sessionId));
      const userId = lookedUp.get(request);
      return userId === undefined ? null : { userId, sessionId };
    },
  });
});
afterEach(() => server.close());

type Browser = ReturnType<typeof aBrowser>;

function aBrowser() {
  const browser = subscribeAtSink();
  return { ...browser, body: JSON.stringify({ ...browser.subscription, deviceSecret: aSecret() }) };
}

/** A subscription under the session whose body has begun to arrive. The function that it returns has the rest arrive. */
async function slowSubscribe({ body }: Browser, session = 's1') {
  const bytes = new TextEncoder().encode(body);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const request = new Request(`${ORIGIN}/api/push/subscribe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-session': session },
    body: readable,
    duplex: 'half',
  });
  const before = authentications;
  const response = server.belfry.handle(request);
  void writer.write(bytes.subarray(0, 10)).catch(() => {});
  await expect.poll(() => authentications).toBe(before + 1);
  server.clock.advance(1);
  return async () => {
    // A request that is refused does not read on.
    void Promise.all([writer.write(bytes.subarray(10)), writer.close()]).catch(() => {});
    return (await response).status;
  };
}

const subscribe = async (browser: Browser, session = 's1') => await (await slowSubscribe(browser, session))();

test('a session that ends while its subscription arrives gets no device, and none of its user’s messages', async () => {
  const browser = aBrowser();
  const finish = await slowSubscribe(browser);
  sessions.delete('s1');
  expect(await server.belfry.endSession('s1')).toBe(0);
  expect(await finish()).toBe(401);
  const sent = await server.belfry.notify('ada', { title: 'The new password is …' });
  await sent.settled();
  expect([sent.devices, server.sink.received.map((push) => browser.read(push))]).toEqual([0, []]);
});

test('a late request of an ended session leaves alone what a new session has saved', async () => {
  const browser = aBrowser();
  const finish = await slowSubscribe(browser, 's1');
  await server.belfry.endSession('s1');
  expect(await subscribe(browser, 's2')).toBe(201);
  expect(await finish()).toBe(401);
  expect(await server.belfry.devicesOf('ada')).toHaveLength(1);
  expect(await server.belfry.endSession('s2')).toBe(1);
});

test('a device that is saved again is kept where `authenticate` fails for the next request', async () => {
  const browser = aBrowser();
  expect(await subscribe(browser)).toBe(201);
  const finish = await slowSubscribe(browser);
  isDown = true;
  expect(await finish()).toBe(201);
  expect(await subscribe(browser)).toBe(503);
  expect(await server.belfry.devicesOf('ada')).toHaveLength(1);
});

test('a session that is begun again under the same id has devices again', async () => {
  await server.belfry.endSession('s1');
  expect(await subscribe(aBrowser())).toBe(201);
});
