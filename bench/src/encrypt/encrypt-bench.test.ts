import { expect, test } from 'vitest';
import { runBench } from '../run-bench.ts';
import { encryptRow, noise } from './encrypt-row.ts';

async function run(...args: string[]): Promise<string> {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await runBench({
    args: ['encrypt', '--rounds', '2', '--messages', '20', '--openssl-seconds', '1', ...args],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: AbortSignal.timeout(50_000),
  });
  expect({ code, errors }).toEqual({ code: 0, errors: [] });
  return out.join('');
}

const FIGURES = {
  belfryUs: expect.any(Number),
  webPushUs: expect.any(Number),
  ratio: expect.any(Number),
  opensslFloorUs: expect.any(Number),
  overFloor: expect.any(Number),
};

test("encrypt ends with one JSON object, with the accelerator's figures on top", { timeout: 60_000 }, async () => {
  const report = JSON.parse(await run('--json'));
  expect(report).toMatchObject({
    bench: 'encrypt',
    ...FIGURES,
    rounds: 2,
    messages: 20,
    rows: [
      { name: 'typescript', ...FIGURES },
      { name: 'native', ...FIGURES },
    ],
    machine: { node: process.versions.node },
  });
  const { name: _name, ...native } = report.rows[1];
  expect(report).toMatchObject(native);
  expect(report.aims.map(({ name }: { name: string }) => name)).toEqual([
    'typescript.ratio',
    'typescript.overFloor',
    'native.ratio',
    'native.overFloor',
  ]);
  expect(report.met).toBe(report.aims.every(({ met }: { met: boolean }) => met));
  // Whoever is slower than a key pair and an ECDH has done more than that, and whoever is not has left it out.
  for (const row of report.rows) expect(row.belfryUs).toBeGreaterThan(row.opensslFloorUs / 2);
});

test('without --json it ends with a table', { timeout: 60_000 }, async () => {
  expect(await run()).toMatch(/^native +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$/m);
});

test('a row is the medians of its slices, and noise how far the floor went', () => {
  const slices = [
    { floor: 60, webPush: 300, typescript: 120, native: 66 },
    { floor: 50, webPush: 200, typescript: 100, native: 60 },
    { floor: 90, webPush: 900, typescript: 300, native: 99 },
  ];
  expect(encryptRow('native', slices)).toEqual({
    name: 'native',
    belfryUs: 66,
    webPushUs: 300,
    ratio: 4.55,
    opensslFloorUs: 60,
    overFloor: 1.1,
  });
  expect(noise(slices)).toBe(0.5);
});
