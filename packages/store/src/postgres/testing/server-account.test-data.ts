import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.test-data.ts';

/** Whom the server runs as; empty: as whoever runs the tests. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: then it is the user `postgres`, or `nobody`. */
export function serverAccount(): ServerAccount {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined)
    throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody"');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** Gives a folder to the account that the server runs as. */
export function giveTo({ uid, gid }: ServerAccount, folder: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

/** The same binaries, copied into `folder` where the account cannot run them: a checkout below /root is closed to others. */
export function readableFor(account: ServerAccount, binaries: PostgresBinaries, folder: string): PostgresBinaries {
  const tried = spawnSync(join(binaries.bin, 'postgres'), ['--version'], { ...account, cwd: '/' });
  if (tried.status === 0) return binaries;
  const root = join(folder, 'native');
  cpSync(binaries.root, root, { recursive: true, verbatimSymlinks: true });
  return { root, bin: join(root, 'bin') };
}
