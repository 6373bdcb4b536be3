import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runBench } from '../run-bench.ts';

const SUMMARY = { n: 10, p50Ms: expect.any(Number), p99Ms: expect.any(Number), maxMs: expect.any(Number) };

/** What a row says of a run that went well; how fast it was is no matter here. */
const FIGURES = {
  p99AloneMs: expect.any(Number),
  p99Ms: expect.any(Number),
  ratio: expect.any(Number),
  cpuAloneUs: expect.any(Number),
  cpuUs: expect.any(Number),
  alone: SUMMARY,
  beside: SUMMARY,
  lost: 0,
};

test('dead-host ends with one JSON object on stdout, and healthy devices lose nothing', {
  timeout: 120_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'belfry-bench-'));
  onTestFinished(() => rm(data, { recursive: true }));
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await runBench({
    args: [
      'dead-host',
      '--json',
      '--per-second',
      '20',
      '--duration-ms',
      '500',
      '--rounds',
      '1',
      '--origins',
      '20',
      '--data',
      data,
    ],
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: AbortSignal.timeout(120_000),
  });
  expect(code).toBe(0);
  const report = JSON.parse(out.join(''));
  expect(report).toMatchObject({ bench: 'dead-host', ...FIGURES });
  const names = ['no-answer', 'silent', 'never-accepts', '20-origins'];
  expect(report.rows).toMatchObject(names.map((name) => ({ name, ...FIGURES })));
  expect(report.met).toBe(report.aims.every((aim: { met: boolean }) => aim.met));
  expect(errors.join('')).toContain('silent: round 1 of 1, beside: ');
  expect(await readdir(data)).toEqual([]);
});
