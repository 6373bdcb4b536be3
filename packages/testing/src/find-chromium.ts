import { homedir } from 'node:os';
import { chromiumCandidates } from './chromium/chromium-candidates.ts';
import { chromiumInstallCommands } from './chromium/chromium-install-commands.ts';
import { findExecutable } from './find-executable.ts';
import type { FoundBrowser } from './find-firefox.ts';

export interface FindChromiumOptions {
  /** Default `process.env`. `BELFRY_CHROMIUM` names the executable to use; `PATH` is searched before the usual places. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default true: install it where the process is root on Debian. */
  readonly install?: boolean;
}

/**
 * The Chromium or Google Chrome of this machine. Where there is none and the process is root on Debian, it is installed
 * with apt-get (about 15 s; progress on stderr).
 *
 * @throws TestingError `browser-not-found` with the one command that installs it, `browser-install-failed`
 */
export async function findChromium(options: FindChromiumOptions = {}): Promise<FoundBrowser> {
  const { environment = process.env, install = true } = options;
  const executablePath = await findExecutable({
    name: 'Chromium',
    variable: 'BELFRY_CHROMIUM',
    environment,
    candidates: chromiumCandidates({ platform: process.platform, environment, homeDir: homedir() }),
    debianPackage: 'chromium',
    installCommands: chromiumInstallCommands,
    install,
  });
  return { executablePath };
}
