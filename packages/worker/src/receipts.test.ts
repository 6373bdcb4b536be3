import { describe, expect, test } from 'vitest';
import { fakeNotification, fakePush, LONG_MS, push, waiting } from './fake-events.test-data.ts';
import { fakeScope } from './fake-scope.test-data.ts';
import { API, type FakeRequest, noAnswer, unreachable } from './fake-server.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';
import { handleNotificationClick } from './handle-notification-click.ts';
import { handlePush } from './handle-push.ts';
import type { StoredReceipt } from './worker-storage.ts';

const message = (id: string, more: object = {}) => ({
  title: 'x',
  belfry: { v: 1, id, binding: 'b1', seq: 1, ...more },
});
const kept = (id: string): StoredReceipt => ({ id, binding: 'b1', kind: 'shown', at: 1 });

function withKept(count: number) {
  const fake = fakeScope({ device: DEVICE });
  const receipts = Array.from({ length: count }, (_, n) => kept(`old-${n}`));
  fake.storage.records = { device: DEVICE, worker: { receipts, seen: [], quiet: [] } };
  return fake;
}

const idsIn = ({ body }: Partial<FakeRequest>): string[] => {
  const { receipts }: { receipts: StoredReceipt[] } = Object(body);
  return receipts.map(({ id }) => id);
};

test('a receipt is sent with what proves the device, and is then gone', async () => {
  const fake = fakeScope({ device: DEVICE });
  const at = fake.clock.now();
  await push(fake, message('m1'));
  const receipts = [{ id: 'm1', binding: 'b1', kind: 'shown', at }];
  expect(fake.server.requests).toEqual([
    {
      route: `POST ${API}/receipts`,
      headers: { 'content-type': 'application/json' },
      body: { deviceId: 'd1', deviceSecret: 'secret-1', receipts },
    },
  ]);
  expect(fake.storage.records.worker.receipts).toEqual([]);
});

test('the record says where the server is, and has the token that it wants', async () => {
  const fake = fakeScope({ device: { ...DEVICE, api: 'https://push.example.net/belfry', token: 't' }, api: '/else' });
  await push(fake, message('m1'));
  expect(fake.server.requests).toMatchObject([
    { route: 'POST https://push.example.net/belfry/receipts', headers: { authorization: 'Bearer t' } },
  ]);
});

describe('only a share of devices reports what was shown:', () => {
  test.each([
    [undefined, 0.999, 1],
    [0.05, 0.049, 1],
    [0.05, 0.05, 0],
    [0, 0, 0],
    [1, 0.999, 1],
  ])('with receipts %j, the random number %d sends %d', async (receipts, random, expected) => {
    const fake = fakeScope({ device: DEVICE });
    handlePush(fakePush(message('m1', { receipts })), { ...fake.deps, random: () => random });
    await fake.clock.pass(LONG_MS);
    expect(fake.server.requests).toHaveLength(expected);
    expect(fake.storage.records.worker.receipts).toEqual([]);
  });
});

test.each([
  ['no answer', unreachable],
  ['no answer in time', noAnswer],
  ['429', () => new Response(null, { status: 429 })],
  ['500', () => new Response(null, { status: 500 })],
  ['503', () => new Response('<h1>', { status: 503 })],
])('after %s receipts are kept, and go with those of the next event', async (_what, answer) => {
  const fake = fakeScope({ device: DEVICE });
  fake.server.routes['POST /receipts'] = answer;
  expect(await push(fake, message('m1'))).toMatchObject({ state: 'done' });
  expect(fake.storage.records.worker.receipts).toMatchObject([{ id: 'm1' }]);
  expect(fake.reports).toMatchObject([{ message: 'server-failed' }]);
  fake.server.routes['POST /receipts'] = () => new Response(null, { status: 204 });
  await push(fake, message('m2', { receipts: 0 }));
  expect(fake.server.requests.map(idsIn)).toEqual([['m1'], ['m1']]);
  expect(fake.storage.records.worker.receipts).toEqual([]);
});

test.each([400, 401, 404, 413])('after %d they are dropped', async (status) => {
  const fake = fakeScope({ device: DEVICE });
  fake.server.routes['POST /receipts'] = () => Response.json({ error: { id: 'x', message: 'x' } }, { status });
  await push(fake, message('m1'));
  expect(fake.storage.records.worker.receipts).toEqual([]);
});

test('one request takes the 100 oldest; the rest goes with the next event', async () => {
  const fake = withKept(150);
  await push(fake, message('m1'));
  await push(fake, message('m2'));
  expect(fake.server.requests.map((request) => idsIn(request).length)).toEqual([100, 52]);
  expect(idsIn(fake.server.requests[0] ?? {})[0]).toBe('old-0');
  expect(fake.storage.records.worker.receipts).toEqual([]);
});

test('at most 200 are kept, the newest', async () => {
  const fake = withKept(200);
  fake.server.routes['POST /receipts'] = unreachable;
  await push(fake, message('m1'));
  const { receipts } = fake.storage.records.worker;
  expect([receipts.length, receipts[0]?.id, receipts.at(-1)?.id]).toEqual([200, 'old-1', 'm1']);
});

test.each([
  ['not known', undefined],
  ['not confirmed', { ...DEVICE, confirmed: null }],
])('for a device that is %s nothing is kept or sent', async (_what, device) => {
  const fake = fakeScope({ device });
  fake.storage.records = { device, worker: { receipts: [kept('old')], seen: [], quiet: [] } };
  const event = { ...waiting(), action: '', notification: fakeNotification({ belfry: { v: 1, id: 'm1' } }) };
  handleNotificationClick(event, fake.deps);
  await push(fake, { title: 'of another sender' });
  expect(fake.server.requests).toEqual([]);
  expect(fake.storage.records.worker.receipts).toEqual([]);
});

test('two events that send at once lose none, and leave none', async () => {
  const fake = withKept(3);
  const answers = [Promise.withResolvers<Response>(), Promise.withResolvers<Response>()];
  let asked = 0;
  fake.server.routes['POST /receipts'] = () => answers[asked++]?.promise ?? noAnswer();
  for (const id of ['m1', 'm2']) handlePush(fakePush(message(id)), fake.deps);
  await fake.clock.pass(3000);
  expect(asked).toBe(2);
  // What comes now is sent by nobody yet.
  const late = { ...kept('late'), kind: 'closed' } as const;
  await fake.storage.transact(({ worker }) => ({ worker: { ...worker, receipts: [...worker.receipts, late] } }));
  answers[1]?.resolve(new Response(null, { status: 204 }));
  await fake.clock.pass(1);
  answers[0]?.resolve(new Response(null, { status: 204 }));
  await fake.clock.pass(1);
  const sent = new Set(fake.server.requests.flatMap(idsIn));
  expect(sent).toEqual(new Set(['old-0', 'old-1', 'old-2', 'm1', 'm2']));
  expect(fake.storage.records.worker.receipts).toEqual([late]);
});

test('of two that send at once, one whose server does not answer keeps what the other did not send', async () => {
  const fake = withKept(1);
  let asked = 0;
  fake.server.routes['POST /receipts'] = () => (asked++ === 0 ? new Response(null, { status: 204 }) : unreachable());
  for (const id of ['m1', 'm2']) handlePush(fakePush(message(id)), fake.deps);
  await fake.clock.pass(LONG_MS);
  const [first = []] = fake.server.requests.map(idsIn);
  const all = ['old-0', 'm1', 'm2'];
  expect(fake.storage.records.worker.receipts.map(({ id }) => id)).toEqual(all.filter((id) => !first.includes(id)));
});
