import { setImmediate } from 'node:timers/promises';
import { branded } from '@belfry/protocol';
import { expect, test } from 'vitest';
import { PAGE_DEVICES, STRAGGLER_MS } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { chunkOfTest, deviceOf } from './chunk.test-data.ts';
import { OriginLoad } from './origin-load.ts';
import { type PageReport, sendPage } from './send-page.ts';
import { SLOW_USER_MS } from './slow-users.ts';
import { MAX_PAGE_MS } from './until-stragglers.ts';

const EVE = 666;

/** Sends pages at one push service, which responds to most users at once. */
function start() {
  const clock = new FakeClock();
  const load = new OriginLoad({ clock, isProven: () => true, hasAccepted: () => true }).begin(chunkOfTest);
  /** The push service responds to Eve's devices after these times. */
  function page({ eveAfterMs }: { readonly eveAfterMs: readonly number[] }) {
    const others = Array.from({ length: PAGE_DEVICES - eveAfterMs.length }, (_, user) => deviceOf(user));
    const late = new Map(eveAfterMs.map((ms) => [deviceOf(EVE), ms]));
    const sent: { report?: PageReport } = {};
    const sending = sendPage([...others, ...late.keys()], {
      chunk: chunkOfTest,
      message: { stored: chunkOfTest.message, options: { ttl: branded(60) }, plaintextFor: () => Buffer.alloc(0) },
      async makeAttempt({ device }) {
        const lateMs = late.get(device);
        if (lateMs !== undefined) await new Promise<void>((resolve) => void clock.after(lateMs, resolve));
        return { kind: 'accepted', scope: 'device' };
      },
      clock,
      random: () => 0,
      signal: AbortSignal.timeout(60_000),
      startBy: Number.MAX_SAFE_INTEGER,
      load,
    });
    void end(sending, sent);
    return sent;
  }
  async function end(sending: Promise<PageReport>, sent: { report?: PageReport }): Promise<void> {
    const report = await sending;
    sent.report = report;
    const returns = report.stragglers.map(async ({ device, ended }) => {
      await ended;
      load.returned(device, { isAccepted: true });
    });
    await Promise.all(returns);
  }
  /** Sends a page to its end. Returns how long it took, by the clock, and how many devices it left behind. */
  async function sendAll(eveAfterMs: readonly number[]): Promise<{ tookMs: number; left: number }> {
    const startedAt = clock.elapsed();
    const sent = page({ eveAfterMs });
    await setImmediate();
    while (sent.report === undefined) {
      clock.advance(100);
      await setImmediate();
    }
    return { tookMs: clock.elapsed() - startedAt, left: sent.report.stragglers.length };
  }
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await setImmediate();
  }
  return { sendAll, pass };
}

test.each([
  ['by a device that responds after 1.4 s', [1_400]],
  ['by one that responds after 2.6 s', [2_600]],
  ['by several that respond one after the other', [700, 1_400, 2_100]],
])('a user who holds up a page, %s, holds up no other for half a minute', async (_what, eveAfterMs) => {
  const { sendAll, pass } = start();
  expect((await sendAll(eveAfterMs)).tookMs).toBeGreaterThanOrEqual(1_400);
  for (let n = 0; n < 3; n += 1) {
    expect(await sendAll(eveAfterMs)).toEqual({ tookMs: 0, left: eveAfterMs.length });
    await pass(5_000);
  }
  await pass(SLOW_USER_MS);
  expect((await sendAll(eveAfterMs)).tookMs).toBeGreaterThanOrEqual(1_400);
});

test('a user who responds within a second is waited for each time', async () => {
  const { sendAll } = start();
  for (let n = 0; n < 3; n += 1) expect(await sendAll([900])).toEqual({ tookMs: 900, left: 0 });
});

test('a page whose devices of one user respond one every 900 ms goes on without the rest', async () => {
  const { sendAll } = start();
  const { tookMs, left } = await sendAll(Array.from({ length: 50 }, (_, n) => (n + 1) * 900));
  expect(tookMs).toBeLessThanOrEqual(MAX_PAGE_MS + STRAGGLER_MS);
  expect(left).toBeGreaterThan(40);
});
