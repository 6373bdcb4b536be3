import type { InstallCommands } from '../install-command.ts';

export const firefoxInstallCommands: InstallCommands = {
  darwin: 'brew install --cask firefox',
  win32: 'winget install --exact --id Mozilla.Firefox',
  linux: new Map([
    ['debian', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends firefox-esr'],
    ['ubuntu', 'sudo snap install firefox'],
    ['fedora', 'sudo dnf install -y firefox'],
    ['arch', 'sudo pacman -S --noconfirm firefox'],
    ['alpine', 'sudo apk add firefox'],
    ['suse', 'sudo zypper install -y MozillaFirefox'],
  ]),
  other: 'your package manager (Firefox, from https://www.mozilla.org/firefox/)',
};
