import type { InstallCommands } from '../install-command.ts';

const debianChrome = 'google-chrome-stable_current_amd64.deb';

export const chromiumInstallCommands: InstallCommands = {
  darwin: 'brew install --cask google-chrome',
  win32: 'winget install --exact --id Google.Chrome',
  linux: new Map([
    ['debian', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium dbus-daemon'],
    // Ubuntu's own Chromium is a snap, which sees another /tmp than its caller.
    [
      'ubuntu',
      `curl -LO https://dl.google.com/linux/direct/${debianChrome} && sudo apt-get install -y ./${debianChrome} dbus-daemon`,
    ],
    ['fedora', 'sudo dnf install -y chromium dbus-daemon'],
    ['arch', 'sudo pacman -S --noconfirm chromium dbus'],
    ['alpine', 'sudo apk add chromium dbus'],
    ['suse', 'sudo zypper install -y chromium dbus-1'],
  ]),
  other: 'your package manager (Chromium or Google Chrome, and dbus-daemon)',
};
