import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runBench } from '../run-bench.ts';

async function run(...args: string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await runBench({
    args,
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void errors.push(text),
    signal: AbortSignal.timeout(60_000),
  });
  return { code, out: out.join(''), errors: errors.join('') };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-bench-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const TINY = ['--connections', '20', '--settle-ms', '1', '--peak-ms', '200', '--latency-ms', '300'];

/** What a row says of a run that went well; how fast it was is no matter here. */
const FIGURES = {
  connections: 20,
  rssBytesPerConnection: expect.any(Number),
  messagesPerSecond: expect.any(Number),
  p99Ms: expect.any(Number),
  lost: 0,
  refused: 0,
  unexpected: 0,
  levels: [16, 64, 256].map((inFlight) => expect.objectContaining({ inFlight })),
};

test('push-service ends with one JSON object on stdout, and loses nothing', { timeout: 60_000 }, async () => {
  const data = await temporaryFolder();
  const { code, out, errors } = await run('push-service', '--json', ...TINY, '--data', data);
  expect(code).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ bench: 'push-service', durable: true, ...FIGURES });
  expect(report.rows).toMatchObject([
    { name: 'mcs', durable: true, ...FIGURES },
    { name: 'autopush-in-memory', durable: false, ...FIGURES },
  ]);
  for (const row of [report, ...report.rows]) {
    expect(row.messagesPerSecond).toBe(Math.max(...row.levels.map((level: typeof row) => level.messagesPerSecond)));
    expect(row.received).toBeGreaterThan(row.latency.n);
    expect(row.latency.n).toBeGreaterThan(0);
  }
  expect(report.met).toBe(report.aims.every((aim: { met: boolean }) => aim.met));
  expect(report.machine).toMatchObject({ node: process.versions.node, cores: expect.any(Number) });
  expect(errors).toContain('autopush: 20 of 20 connected\n');
  expect(await readdir(data)).toEqual([]);
});

test.each([
  ['an unknown bench', ['pull-service'], /unknown command 'pull-service'/],
  ['a number that is none', ['push-service', '--connections', 'many'], /whole number from 1 on/],
])('%s is refused with a hint at --help', async (_what, args, message) => {
  const { code, out, errors } = await run(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(errors).toMatch(message);
  expect(errors).toContain('--help');
});
