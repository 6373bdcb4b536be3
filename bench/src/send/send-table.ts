import { aimLine } from '../bench-report.ts';
import type { SendReport } from './send-bench.ts';

/** For who reads: a line for each row, then one for each aim. */
export function sendTable(report: SendReport): string {
  const { machine, aims, rows } = report;
  const lines = [{ ...report, name: 'belfry' }, ...rows].map((row) =>
    [
      row.name.padEnd(32),
      `${row.belfryCpuUs} of ${row.webPushCpuUs}`.padStart(14),
      String(row.cpuRatio).padStart(8),
      `${row.belfryPerSecond} and ${row.webPushPerSecond}`.padStart(18),
      String(row.throughputRatio).padStart(8),
    ].join(''),
  );
  return [
    `${machine.cores} cores (${machine.cpu}), Node ${machine.node}`,
    'row                             CPU µs, web-push  ratio  messages/s, web-push  ratio',
    ...lines,
    ...aims.map(aimLine),
    '',
  ].join('\n');
}
