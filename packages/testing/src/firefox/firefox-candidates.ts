import { posix, win32 } from 'node:path';
import { onPath } from '../on-path.ts';

export interface FirefoxCandidatesOptions {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

/** Where a Firefox may be, best first: on PATH, then where each platform's installers put it. */
export function firefoxCandidates(options: FirefoxCandidatesOptions): readonly string[] {
  const { platform, environment, homeDir } = options;
  if (platform === 'win32') return windowsCandidates(environment);
  return [...onPath(commandNames, environment), ...(platform === 'darwin' ? macCandidates(homeDir) : linuxCandidates)];
}

const commandNames = ['firefox', 'firefox-esr', 'firefox-developer-edition', 'firefox-devedition', 'firefox-nightly'];

const linuxCandidates: readonly string[] = [
  '/usr/lib/firefox/firefox',
  '/usr/lib/firefox-esr/firefox-esr',
  '/usr/lib64/firefox/firefox',
  '/opt/firefox/firefox',
  '/snap/bin/firefox',
];

function macCandidates(homeDir: string): readonly string[] {
  const apps = ['Firefox', 'Firefox Developer Edition', 'Firefox Nightly'];
  return ['/Applications', posix.join(homeDir, 'Applications')].flatMap((folder) =>
    apps.map((app) => posix.join(folder, `${app}.app`, 'Contents/MacOS/firefox')),
  );
}

function windowsCandidates(environment: NodeJS.ProcessEnv): readonly string[] {
  const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => environment[name] ?? []);
  const apps = ['Mozilla Firefox', 'Firefox Developer Edition', 'Firefox Nightly'];
  return apps.flatMap((app) => folders.map((folder) => win32.join(folder, app, 'firefox.exe')));
}
