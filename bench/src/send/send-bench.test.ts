import { expect, test } from 'vitest';
import { runBench } from '../run-bench.ts';

async function run(...args: string[]): Promise<string> {
  const out: string[] = [];
  const code = await runBench({
    args: ['send', '--messages', '40', '--turns', '2', '--in-flight', '10', ...args],
    writeOut: (text) => void out.push(text),
    writeErr: () => {},
    signal: AbortSignal.timeout(50_000),
  });
  expect(code).toBe(0);
  return out.join('');
}

const FIGURES = {
  belfryCpuUs: expect.any(Number),
  webPushCpuUs: expect.any(Number),
  cpuRatio: expect.any(Number),
  belfryPerSecond: expect.any(Number),
  webPushPerSecond: expect.any(Number),
  throughputRatio: expect.any(Number),
};

// What was sent and did not reach the sink would end the bench with an error.
test("send ends with one JSON object, with the accelerator's figures on top", { timeout: 60_000 }, async () => {
  expect(JSON.parse(await run('--json'))).toMatchObject({
    bench: 'send',
    latencyMs: 0,
    ...FIGURES,
    met: expect.any(Boolean),
    aims: [{ atLeast: 4.5 }, { atLeast: 4 }, { atLeast: 3 }],
    rows: [
      { name: 'belfry-typescript', latencyMs: 0, ...FIGURES },
      { name: 'belfry, 50 ms away', latencyMs: 50, ...FIGURES },
      { name: 'belfry-typescript, 50 ms away', latencyMs: 50, ...FIGURES },
    ],
  });
});

test('without --json it is a table', { timeout: 60_000 }, async () => {
  expect(await run()).toMatch(/^belfry-typescript, 50 ms away +\d+ of \d+ /m);
});
