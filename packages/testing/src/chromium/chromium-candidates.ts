import { posix, win32 } from 'node:path';
import { onPath } from '../on-path.ts';

export interface ChromiumCandidatesOptions {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

/** Where a Chromium or Chrome may be, best first: on PATH, then where each platform's installers put it. */
export function chromiumCandidates(options: ChromiumCandidatesOptions): readonly string[] {
  const { platform, environment, homeDir } = options;
  if (platform === 'win32') return windowsCandidates(environment);
  const usual = platform === 'darwin' ? macCandidates(homeDir) : linuxCandidates;
  // A snap sees another /tmp than its caller, and so neither its profile nor its message bus.
  return [...onPath(commandNames, environment), ...usual].filter((path) => !path.startsWith('/snap/'));
}

const commandNames = ['chromium', 'google-chrome-stable', 'google-chrome'];

const linuxCandidates: readonly string[] = [
  '/usr/lib/chromium/chromium',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
];

function macCandidates(homeDir: string): readonly string[] {
  const apps = ['Google Chrome', 'Chromium'];
  return ['/Applications', posix.join(homeDir, 'Applications')].flatMap((folder) =>
    apps.map((app) => posix.join(folder, `${app}.app`, 'Contents/MacOS', app)),
  );
}

function windowsCandidates(environment: NodeJS.ProcessEnv): readonly string[] {
  const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => environment[name] ?? []);
  const apps = ['Google\\Chrome', 'Chromium'];
  return apps.flatMap((app) => folders.map((folder) => win32.join(folder, app, 'Application', 'chrome.exe')));
}
