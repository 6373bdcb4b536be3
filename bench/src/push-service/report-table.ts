import { aimLine } from '../bench-report.ts';
import type { PushServiceReport } from './push-service-bench.ts';

/** For who reads: a line for each variant, then one for each aim. */
export function reportTable(report: PushServiceReport): string {
  const { machine, aims, rows } = report;
  const lines = [{ ...report, name: 'autopush' }, ...rows].map((row) =>
    [
      row.name.padEnd(20),
      String(row.connections).padStart(11),
      String(row.rssBytesPerConnection).padStart(14),
      String(row.messagesPerSecond).padStart(11),
      String(row.latency.p50Ms).padStart(8),
      String(row.p99Ms).padStart(8),
      String(row.latency.maxMs).padStart(8),
      String(row.lost).padStart(6),
    ].join(''),
  );
  return [
    `${machine.cores} cores (${machine.cpu}), Node ${machine.node}`,
    'row                 connections  RSS bytes each  messages/s  p50 ms  p99 ms  max ms  lost',
    ...lines,
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
