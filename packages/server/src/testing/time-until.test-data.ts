import { setTimeout } from 'node:timers/promises';
import type { TestBelfry } from './test-belfry.test-data.ts';

/**
 * How long it takes until it is so, by the clock of the server, which stands still as long as requests arrive.
 *
 * @param options.atMostMs nobody waits for longer: `atMostMs` or more is returned
 */
export async function timeUntil(
  server: TestBelfry,
  isSo: () => boolean | Promise<boolean>,
  { atMostMs = Number.POSITIVE_INFINITY }: { readonly atMostMs?: number } = {},
): Promise<number> {
  const startedAt = server.clock.elapsed();
  while (!(await isSo()) && server.clock.elapsed() < startedAt + atMostMs) {
    const arrived = server.sink.received.length;
    await setTimeout(10);
    if (arrived === server.sink.received.length) server.clock.advance(100);
  }
  return server.clock.elapsed() - startedAt;
}
