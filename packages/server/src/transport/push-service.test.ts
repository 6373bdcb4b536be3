import { branded } from '@belfry/protocol';
import { type PushService, startPushService } from '@belfry/push-service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTransport } from './create-transport.ts';
import type { PushTransport } from './push-transport.ts';
import { CountingClock, NEVER, range } from './tls-server.test-data.ts';

let service: PushService;
let clock: CountingClock;
let transport: PushTransport;
let path: string;
beforeEach(async () => {
  service = await startPushService({ autopushPort: 0, endpointPort: 0 });
  clock = new CountingClock();
  transport = createTransport({ development: () => service, clock, random: () => 0 });
  path = new URL(service.createSubscription().endpoint).pathname;
});
afterEach(async () => {
  transport.close();
  await service.close();
});

/** A push without a payload, which needs no keys. */
function send(signal: AbortSignal = NEVER) {
  const request = {
    origin: branded<string, 'PushServiceOrigin'>(service.endpointOrigin),
    path,
    headers: { ttl: '60' },
  };
  return transport.send({ ...request, body: new Uint8Array() }, signal);
}

const accepted = (count: number) => range(count).map(() => expect.objectContaining({ status: 201 }));

test('all that is sent at once is accepted, and arrives once', async () => {
  expect(await Promise.all(range(200).map(() => send()))).toEqual(accepted(200));
  expect(service.pushes()).toHaveLength(200);
});

test('what a GOAWAY leaves out is sent again, and arrives once', async () => {
  service.addFault({ type: 'goaway' }, { skip: 3 });
  expect(await Promise.all(range(20).map(() => send()))).toEqual(accepted(20));
  expect(service.pushes().filter(({ status }) => status === 201)).toHaveLength(20);
});

test('an answer of any status comes with its body and headers', async () => {
  service.addFault({ type: 'status', status: 503, retryAfterSeconds: 120, body: '{"errno":202}' });
  const answer = { kind: 'answer', status: 503, body: '{"errno":202}', headers: { 'retry-after': '120' } };
  expect(await send()).toMatchObject(answer);
});

test('a reset in the middle of its body leaves open whether it was taken', async () => {
  service.addFault({ type: 'reset' });
  expect(await send()).toEqual({ kind: 'no-answer', reason: 'connection' });
  expect(await send()).toMatchObject({ status: 201 });
});

test('a push that is never answered ends by its signal, and another by the time', async () => {
  service.addFault({ type: 'no-answer' }, { times: 2 });
  const arrived = Promise.withResolvers<void>();
  service.onPush(() => service.pushes().length === 2 && arrived.resolve());
  const stop = new AbortController();
  const [aborted, silent] = [send(stop.signal), send()];
  await arrived.promise;
  stop.abort(new Error('no longer wanted'));
  await expect(aborted).rejects.toThrow('no longer wanted');
  clock.advance(30_000);
  expect(await silent).toEqual({ kind: 'no-answer', reason: 'timeout' });
  expect(await send()).toMatchObject({ status: 201 });
});
