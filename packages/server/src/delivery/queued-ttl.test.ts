import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_IN_FLIGHT_PER_USER } from '../limits.ts';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

// A user has more devices than may have a request in flight, and the push service takes 12 seconds for each.

const DEVICES = 12;

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
  for (let n = 0; n < DEVICES; n++) {
    const body = subscribeAtSink(`ada/${n}`).subscription;
    await server.post('/subscribe', { body });
  }
});
afterEach(() => server.close());

const ttls = (): unknown[] => server.sink.received.map(({ headers }) => headers['ttl']);

test.each([
  { ttl: 5, later: [] },
  // Now or never: now is within 10 seconds.
  { ttl: 0, later: [] },
  { ttl: 20, later: ['8', '8', '8', '8'] },
])('of a message with a TTL of $ttl, what waited for those is sent with TTL $later', async ({ ttl, later }) => {
  const releases: (() => void)[] = [];
  server.sink.answer = async () => {
    await new Promise<void>((resolve) => releases.push(resolve));
    return { status: 201 };
  };
  const notified = await server.belfry.notify('ada', { title: 'code 1234' }, { ttl });
  expect(notified.devices).toBe(DEVICES);
  await server.sink.waitFor(MAX_IN_FLIGHT_PER_USER);
  expect(ttls()).toEqual(Array(MAX_IN_FLIGHT_PER_USER).fill(String(ttl)));
  server.clock.advance(12_000);
  server.sink.answer = () => ({ status: 201 });
  for (const release of releases) release();
  const outcomes = (await notified.settled()).map(({ outcome }) => outcome);
  expect(ttls().slice(MAX_IN_FLIGHT_PER_USER)).toEqual(later);
  const accepted = MAX_IN_FLIGHT_PER_USER + later.length;
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(accepted);
  expect(outcomes.filter((outcome) => outcome === 'expired')).toHaveLength(DEVICES - accepted);
});
