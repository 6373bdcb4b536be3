import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { TestingError } from './errors.ts';
import { type InstallCommands, installCommand, isDebian } from './install-command.ts';
import { installDebianPackage } from './install-debian-package.ts';

export interface WantedExecutable {
  /** For messages: `Firefox`. */
  readonly name: string;
  /** The environment variable that names the executable, before any other place. */
  readonly variable: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where it may be, best first. */
  readonly candidates: readonly string[];
  readonly debianPackage: string;
  readonly installCommands: InstallCommands;
  /** Install it where the process is root on Debian. */
  readonly install: boolean;
}

/**
 * The path of an executable of this machine, installed if need be.
 *
 * @throws TestingError `browser-not-found` with the one command that installs it, `browser-install-failed`
 */
export async function findExecutable(wanted: WantedExecutable): Promise<string> {
  const { name, variable, candidates } = wanted;
  const named = wanted.environment[variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new TestingError('browser-not-found', `${variable} names ${named}, which is no executable file`);
  }

  const found = await firstExecutable(candidates);
  if (found !== undefined) return found;

  const { platform } = process;
  const osRelease = platform === 'linux' ? await readFile('/etc/os-release', 'utf8').catch(() => '') : '';
  if (wanted.install && isDebian(osRelease) && process.getuid?.() === 0) {
    await installDebianPackage(wanted.debianPackage);
    const installed = await firstExecutable(candidates);
    if (installed !== undefined) return installed;
  }
  const command = installCommand(wanted.installCommands, { platform, osRelease });
  throw new TestingError(
    'browser-not-found',
    `No ${name} on PATH or in the usual places. Install it with: ${command} (or name its executable in ${variable})`,
  );
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
