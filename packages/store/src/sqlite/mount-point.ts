import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../errors.ts';
import type { StoreFiles } from './store-files.ts';

/**
 * SQLite makes the WAL beside the path that it opened. Where a container mounts the file alone, its WAL is in the container: it is
 * lost with it, and a process that opens the file by another path neither sees it nor is kept out.
 */
export function refuseMountPoint({ database }: StoreFiles): void {
  if (!isMountPoint(database, readMountInfo()) && !isOnOtherDevice(database)) return;
  throw new StoreError(
    'store-failed',
    `The SQLite store ${database} is mounted alone, without its folder, and SQLite would lose commits: its write-ahead log ` +
      'would stay in the container. Mount the folder of the file (docker -v belfry-data:/data)',
  );
}

/** @param mountInfo /proc/self/mountinfo (man 5 proc_pid_mountinfo); empty where the system has none */
export function isMountPoint(path: string, mountInfo: string): boolean {
  return mountInfo.split('\n').some((line) => {
    const mounted = line.split(' ')[4];
    return mounted !== undefined && unescape(mounted) === path;
  });
}

/** A space is written as \040. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/gv, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function readMountInfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return ''; // Linux alone has it.
  }
}

function isOnOtherDevice(database: string): boolean {
  const stats = statSync(database, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.dev !== statSync(dirname(database)).dev;
}
