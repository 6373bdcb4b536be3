import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Limit {
  /** As prlimit(1) of util-linux calls it. */
  readonly resource: 'nofile' | 'fsize';
  readonly soft: number;
}

/** Limits a process that runs. Linux alone. The function it returns ends that. */
export async function limitOf(pid: number, { resource, soft }: Limit): Promise<() => Promise<void>> {
  const of = ['--pid', String(pid)];
  const { stdout } = await run('prlimit', [...of, '--noheadings', '--output', 'SOFT', `--${resource}`]);
  const set = async (value: string): Promise<void> => void (await run('prlimit', [...of, `--${resource}=${value}:`]));
  await set(String(soft));
  return () => set(stdout.trim());
}
