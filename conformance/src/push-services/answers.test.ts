import { type Fault, type PersonaName, type PushService, startPushService } from '@belfry/push-service';
import type { NotifyOptions } from '@belfry/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adjustableClock } from '../push-site/adjustable-clock.test-data.ts';
import { type NewDevice, type Sender, startSender } from './sender.test-data.ts';

let pushService: PushService;
beforeAll(async () => {
  pushService = await startPushService({ autopushPort: 0, endpointPort: 0 });
});
afterAll(() => pushService.close());

let sender: Sender;
beforeEach(async () => {
  sender = await startSender(pushService);
});
afterEach(async () => {
  for (const { id } of pushService.faults()) pushService.removeFault(id);
  await sender.close();
});

interface Trouble extends Partial<Omit<NewDevice, 'persona'>> {
  /** What the push service does with the message. */
  readonly fault?: Fault;
  readonly isExpired?: boolean;
  readonly options?: NotifyOptions;
}

type OutcomeName = NonNullable<Awaited<ReturnType<Sender['send']>>>['outcome'];

/** `others`: what comes of a message to another device of that push service, once three users' devices had this answer. */
type Row = readonly [what: string, trouble: Trouble, outcome: OutcomeName, others: 'go on' | 'wait'];

const status = (code: number, more: { body?: string; retryAfterSeconds?: number } = {}): Trouble => ({
  fault: { type: 'status', status: code, ...more },
});
const throttle: Trouble = { fault: { type: 'throttle', retryAfterSeconds: 30 } };

const COMMON: readonly Row[] = [
  ['nothing', {}, 'accepted', 'go on'],
  ['a TTL of 0', { options: { ttl: 0 } }, 'accepted', 'go on'],
  ['a collapseKey that is no topic', { options: { collapseKey: 'new_event' } }, 'accepted', 'go on'],
  ['an urgency', { options: { urgency: 'high' } }, 'accepted', 'go on'],
  ['a subscription that ended', { isExpired: true }, 'gone', 'go on'],
  ['an endpoint that never was', { isUnknown: true }, 'gone', 'go on'],
  ['an answer of 408', status(408), 'retrying', 'go on'],
  ['an answer of 425', status(425), 'retrying', 'go on'],
  ['an answer of 500', status(500), 'retrying', 'go on'],
  ['an answer of 503', status(503), 'retrying', 'go on'],
  ['an answer of 400', status(400), 'rejected', 'go on'],
  ['an answer of 413', status(413), 'rejected', 'go on'],
  ['an answer of 418', status(418), 'rejected', 'go on'],
  ['an answer of 401 that says nothing', status(401), 'misconfigured', 'wait'],
  ['an answer of 403 that says nothing', status(403), 'misconfigured', 'wait'],
];

const OWN: Readonly<Record<PersonaName, readonly Row[]>> = {
  rfc8030: [
    ['another key', { madeFor: 'foreign' }, 'misconfigured', 'go on'],
    ['too many pushes', throttle, 'throttled', 'go on'],
    ['a break that it announces', status(503, { retryAfterSeconds: 60 }), 'retrying', 'wait'],
  ],
  fcm: [
    ['another key', { madeFor: 'foreign' }, 'key-mismatch', 'go on'],
    ['a bad token', status(403, { body: 'invalid JWT provided\n' }), 'misconfigured', 'wait'],
    ['a bad token, in former years', status(400, { body: 'UnauthorizedRegistration' }), 'misconfigured', 'wait'],
    ['too many pushes', throttle, 'throttled', 'go on'],
    ['a break that it announces', status(503, { retryAfterSeconds: 60 }), 'retrying', 'wait'],
  ],
  mozilla: [
    ['another key', { madeFor: 'foreign' }, 'key-mismatch', 'go on'],
    ['a bad token', status(401, { body: '{"errno":109,"message":"Invalid VAPID token"}' }), 'misconfigured', 'wait'],
    ['too many pushes, which are 503', throttle, 'throttled', 'wait'],
    ['a phone that takes less', status(413, { body: '{"errno":104}' }), 'rejected', 'go on'],
  ],
  apple: [
    ['another key', { madeFor: 'foreign' }, 'key-mismatch', 'go on'],
    ['another key, as documented', status(403, { body: '{"reason":"VapidPkHashMismatch"}' }), 'key-mismatch', 'go on'],
    ['a bad token', status(403, { body: '{"reason":"BadJwtToken"}' }), 'misconfigured', 'wait'],
    ['a topic it does not decode', status(400, { body: '{"reason":"BadWebPushTopic"}' }), 'rejected', 'go on'],
    ['too many pushes', throttle, 'throttled', 'go on'],
  ],
  wns: [
    ['another key, which it does not say', { madeFor: 'foreign' }, 'misconfigured', 'go on'],
    ['too many pushes, which are 406', throttle, 'throttled', 'wait'],
    ['too many pushes, as seen once', status(429), 'throttled', 'wait'],
  ],
};

const DAY_SECONDS = 86_400;

/** What is held back says until when. */
const A_TIME: unknown = expect.any(Number);

const PERSONAS: readonly PersonaName[] = ['rfc8030', 'fcm', 'mozilla', 'apple', 'wns'];

describe.each(PERSONAS)('%s', (persona) => {
  test.each([...COMMON, ...OWN[persona]])('%s', async (_what, trouble, expected, others) => {
    const { fault, isExpired = false, options, ...device } = trouble;
    const endpoint = await sender.subscribe('ada', { persona, ...device });
    const agreeing = others === 'go on' ? [] : ['ada', 'cyd', 'dan'];
    for (const user of ['bob', 'cyd', 'dan']) await sender.subscribe(user, { persona });
    // Only devices that were accepted before speak of their push service.
    for (const user of agreeing) expect(await sender.send(user)).toMatchObject({ outcome: 'accepted' });
    if (isExpired) pushService.expireSubscription(endpoint);
    if (fault !== undefined) pushService.addFault(fault, { times: Math.max(1, agreeing.length) });
    expect(await sender.send('ada', options)).toMatchObject({ outcome: expected });
    for (const user of agreeing.slice(1)) expect(await sender.send(user)).toMatchObject({ outcome: expected });

    pushService.clearPushes();
    const expectedOfOther = others === 'go on' ? { outcome: 'accepted' } : { outcome: expected, retryAt: A_TIME };
    expect(await sender.send('bob')).toMatchObject(expectedOfOther);
    expect(pushService.pushes()).toHaveLength(others === 'go on' ? 1 : 0);
  });

  test('a device that is refused while others are accepted has a key mismatch, whatever the answer says', async () => {
    await sender.subscribe('ada', { persona, madeFor: 'foreign' });
    for (const user of ['bob', 'cyd']) await sender.subscribe(user, { persona });
    await sender.send('bob');
    await sender.send('ada');
    expect(await sender.send('cyd')).toMatchObject({ outcome: 'accepted' });
    expect(await sender.send('ada')).toMatchObject({ outcome: 'key-mismatch' });
    expect(sender.log.filter((line) => line.includes('fault'))).toEqual([]);
  });

  test('a refusal of all is told once, with what the service is and without whom it was for', async () => {
    for (const user of ['ada', 'bob', 'cyd']) await sender.subscribe(user, { persona });
    pushService.addFault({ type: 'status', status: 403 }, { times: 3 });
    await Promise.all(['ada', 'bob', 'cyd'].map((user) => sender.send(user)));
    const told = sender.log.filter((line) => line.includes('"fault":"vapid-refused"'));
    expect(told).toEqual([expect.stringContaining(`"pushService":"${persona}"`)]);
  });

  test('a TTL of 0 has one attempt, whatever the answer', async () => {
    await sender.subscribe('ada', { persona });
    pushService.addFault({ type: 'throttle' });
    expect(await sender.send('ada', { ttl: 0 })).toMatchObject({ outcome: 'expired' });
  });

  test('a TTL beyond what the service keeps is shortened before it is sent', async () => {
    await sender.subscribe('ada', { persona });
    pushService.clearPushes();
    await sender.send('ada', { ttl: 365 * DAY_SECONDS });
    const days = { rfc8030: 365, fcm: 28, mozilla: 30, apple: 30, wns: 30 }[persona];
    expect(pushService.pushes()).toMatchObject([{ headers: { ttl: String(days * DAY_SECONDS) } }]);
  });

  test('the longest message there is fits', async () => {
    await sender.subscribe('ada', { persona });
    const refusal = await sender.send('ada', { body: 'b'.repeat(3993) }).then(() => '', String);
    const needed = Number(/needs (\d+)/.exec(refusal)?.[1]);
    const body = 'b'.repeat(3993 - (needed - 3993));
    expect(await sender.send('ada', { body })).toMatchObject({ outcome: 'accepted' });
    expect(sender.log.some((line) => line.includes('Firefox on Android'))).toBe(persona === 'mozilla');
  });
});

test.each([
  ['slow, so that tokens have expired', -13 * 3600],
  ['fast, so that tokens live too long', 13 * 3600],
])('a clock that is %s is told as that, once, and no device is blamed', async (_what, seconds) => {
  const clock = adjustableClock();
  clock.advanceSeconds(seconds);
  const skewed = await startSender(pushService, { clock });
  for (const user of ['ada', 'bob']) await skewed.subscribe(user, { persona: 'apple' });
  for (const user of ['ada', 'bob']) {
    expect(await skewed.send(user)).toMatchObject({ outcome: 'misconfigured', status: 403 });
  }
  // The refusal said by how much the clock is wrong: the device's next token is made for the push service's time.
  clock.elapseSeconds(60);
  for (const user of ['ada', 'bob']) expect(await skewed.send(user)).toMatchObject({ outcome: 'accepted' });
  const told = skewed.log.filter((line) => line.includes('"fault":"clock-skewed"'));
  expect(told).toEqual([expect.stringMatching(seconds < 0 ? /"clockSkewMs":-46[78]/ : /"clockSkewMs":46[78]/)]);
  await skewed.close();
});

test('messages that are padded have one length', async () => {
  const padding = await startSender(pushService, { padToBytes: 2820 });
  await padding.subscribe('ada', { persona: 'fcm' });
  pushService.clearPushes();
  for (const body of ['', 'b'.repeat(1000)]) {
    expect(await padding.send('ada', { body })).toMatchObject({ outcome: 'accepted' });
  }
  expect(pushService.pushes().map((push) => push.bodyBytes)).toEqual([2923, 2923]);
  expect(pushService.pushes().map((push) => push.json)).toMatchObject([{ web_push: 8030 }, { web_push: 8030 }]);
  await padding.close();
});
