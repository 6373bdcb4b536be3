export interface FirefoxInstallCommandOptions {
  readonly platform: NodeJS.Platform;
  /** The text of /etc/os-release; empty where there is none. */
  readonly osRelease: string;
}

export interface FirefoxInstallCommand {
  /** For a person to run. */
  readonly command: string;
  /** Debian itself: Ubuntu and others of its family have no firefox-esr package. */
  readonly isDebian: boolean;
}

/** The one command that installs Firefox on this platform. */
export function firefoxInstallCommand({ platform, osRelease }: FirefoxInstallCommandOptions): FirefoxInstallCommand {
  if (platform === 'darwin') return { command: 'brew install --cask firefox', isDebian: false };
  if (platform === 'win32') return { command: 'winget install --exact --id Mozilla.Firefox', isDebian: false };
  // ID first, then the family, nearest first: os-release(5).
  const names = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)/gm)].flatMap(([, ids = '']) => ids.split(' '));
  const command = names.flatMap((name) => linuxCommands.get(name) ?? [])[0];
  return {
    command: command ?? 'your package manager (Firefox, from https://www.mozilla.org/firefox/)',
    isDebian: names.includes('debian') && !names.includes('ubuntu'),
  };
}

const linuxCommands: ReadonlyMap<string, string> = new Map([
  ['debian', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends firefox-esr'],
  ['ubuntu', 'sudo snap install firefox'],
  ['fedora', 'sudo dnf install -y firefox'],
  ['arch', 'sudo pacman -S --noconfirm firefox'],
  ['alpine', 'sudo apk add firefox'],
  ['suse', 'sudo zypper install -y MozillaFirefox'],
]);
