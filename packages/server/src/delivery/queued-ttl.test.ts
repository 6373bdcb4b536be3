import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

// A user has more devices than may have a request in flight, and the push service takes 12 seconds for each.

const DEVICES = 12;
/** How many requests to devices that have accepted nothing yet may be in flight at first. */
const IN_FLIGHT = 2;

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
  { ttl: 5, later: 0 },
  // Now or never: now is within 10 seconds.
  { ttl: 0, later: 0 },
  { ttl: 20, later: DEVICES - IN_FLIGHT },
])('of a message with a TTL of $ttl, $later devices that waited for those are sent to', async ({ ttl, later }) => {
  const releases: (() => void)[] = [];
  server.sink.answer = async () => {
    await new Promise<void>((resolve) => releases.push(resolve));
    return { status: 201 };
  };
  const notified = await server.belfry.notify('ada', { title: 'code 1234' }, { ttl });
  expect(notified.devices).toBe(DEVICES);
  await server.sink.waitFor(IN_FLIGHT);
  expect(ttls()).toEqual(Array(IN_FLIGHT).fill(String(ttl)));
  server.clock.advance(12_000);
  server.sink.answer = () => ({ status: 201 });
  for (const release of releases) release();
  const outcomes = (await notified.settled()).map(({ outcome }) => outcome);
  expect(ttls().slice(IN_FLIGHT)).toEqual(Array(later).fill('8'));
  const accepted = IN_FLIGHT + later;
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(accepted);
  expect(outcomes.filter((outcome) => outcome === 'expired')).toHaveLength(DEVICES - accepted);
});
