import { homedir } from 'node:os';
import { findExecutable } from './find-executable.ts';
import { firefoxCandidates } from './firefox/firefox-candidates.ts';
import { firefoxInstallCommands } from './firefox/firefox-install-commands.ts';

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
  const executablePath = await findExecutable({
    name: 'Firefox',
    variable: 'BELFRY_FIREFOX',
    environment,
    candidates: firefoxCandidates({ platform: process.platform, environment, homeDir: homedir() }),
    debianPackage: 'firefox-esr',
    installCommands: firefoxInstallCommands,
    install,
  });
  return { executablePath };
}
