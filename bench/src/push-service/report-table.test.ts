import { expect, test } from 'vitest';
import { aim } from '../bench-report.ts';
import { reportTable } from './report-table.ts';
import type { Row } from './row.ts';

const cpu = { service: 0.9, agents: 0.5, sender: 0.2, others: 0 };
const row: Omit<Row, 'name'> = {
  connections: 10_000,
  durable: true,
  rssBytesPerConnection: 9000,
  messagesPerSecond: 1500,
  p99Ms: 60,
  lost: 0,
  refused: 0,
  unexpected: 0,
  received: 12_000,
  connecting: { seconds: 6, cpu },
  levels: [{ inFlight: 64, messagesPerSecond: 1500, cpu }],
  latency: { n: 7500, p50Ms: 3.5, p99Ms: 60, maxMs: 80, offeredPerSecond: 750, cpu },
};

test('the table has a line for each variant, and says of each aim whether it was met', () => {
  const table = reportTable({
    bench: 'push-service',
    ...row,
    met: false,
    aims: [
      aim('autopush.rssBytesPerConnection', { value: 9000, below: 20_000 }),
      aim('autopush.p99Ms', { value: 60, below: 50 }),
    ],
    machine: { node: '26.10.0', platform: 'linux x64', cpu: 'Example', cores: 2, memoryBytes: 1 },
    rows: [{ name: 'mcs', ...row, lost: 1 }],
  });
  const lines = table.split('\n').map((line) => line.trim().split(/\s{2,}|(?<=\d)\s+(?=\d)/));
  expect(lines).toContainEqual(['autopush', '10000', '9000', '1500', '3.5', '60', '80', '0']);
  expect(lines).toContainEqual(['mcs', '10000', '9000', '1500', '3.5', '60', '80', '1']);
  expect(table).toContain('\nmet: autopush.rssBytesPerConnection 9000, below 20000\n');
  expect(table).toContain('\nNOT met: autopush.p99Ms 60, below 50\n');
});
