import { cpus } from 'node:os';

/** What a process, or all of them, have used so far. */
export interface ResourceUsage {
  /** CPU time of all threads, user and system. */
  readonly cpuMs: number;
  /** When that was, on any clock that is never set back. */
  readonly atMs: number;
}

/** Of the process that calls it. */
export function resourceUsage(): ResourceUsage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, atMs: performance.now() };
}

/** Of the whole machine. */
export function machineUsage(): ResourceUsage {
  const busyMs = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return { cpuMs: busyMs.reduce((sum, ms) => sum + ms, 0), atMs: performance.now() };
}

/** How much of one core was used between two moments; above 1 where several threads ran at once. */
export function cpuShare(before: ResourceUsage, after: ResourceUsage): number {
  return Math.round(((after.cpuMs - before.cpuMs) / (after.atMs - before.atMs)) * 100) / 100;
}
