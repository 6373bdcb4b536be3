import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { TestingError } from './errors.ts';
import { firefoxCandidates } from './firefox/firefox-candidates.ts';
import { firefoxInstallCommand } from './firefox/firefox-install-command.ts';
import { installDebianFirefox } from './firefox/install-debian-firefox.ts';

export interface FoundBrowser {
  readonly executablePath: string;
}

export interface FindFirefoxOptions {
  /** Default `process.env`. `BELFRY_FIREFOX` names the executable to use; `PATH` is searched before the usual places. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default true: install it where the process is root on Debian. */
  readonly install?: boolean;
}

/**
 * The Firefox of this machine: a release, ESR, Developer Edition or Nightly. Where there is none and the process is root
 * on Debian, it is installed with apt-get (about 15 s; progress on stderr).
 *
 * @throws TestingError `browser-not-found` with the one command that installs it, `browser-install-failed`
 */
export async function findFirefox(options: FindFirefoxOptions = {}): Promise<FoundBrowser> {
  const { environment = process.env, install = true } = options;
  const { platform } = process;

  const named = environment['BELFRY_FIREFOX'];
  if (named) {
    if (await isExecutable(named)) return { executablePath: named };
    throw new TestingError('browser-not-found', `BELFRY_FIREFOX names ${named}, which is no executable file`);
  }

  const candidates = firefoxCandidates({ platform, environment, homeDir: homedir() });
  const found = await firstExecutable(candidates);
  if (found !== undefined) return { executablePath: found };

  const osRelease = platform === 'linux' ? await readFile('/etc/os-release', 'utf8').catch(() => '') : '';
  const { command, isDebian } = firefoxInstallCommand({ platform, osRelease });
  if (install && isDebian && process.getuid?.() === 0) {
    await installDebianFirefox();
    const installed = await firstExecutable(candidates);
    if (installed !== undefined) return { executablePath: installed };
  }
  throw new TestingError(
    'browser-not-found',
    `No Firefox on PATH or in the usual places. Install it with: ${command} (or name its executable in BELFRY_FIREFOX)`,
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
