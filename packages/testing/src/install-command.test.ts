import { expect, test } from 'vitest';
import { chromiumInstallCommands } from './chromium/chromium-install-commands.ts';
import { firefoxInstallCommands } from './firefox/firefox-install-commands.ts';
import { installCommand, isDebian } from './install-command.ts';

test.each([
  ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'apt-get', true],
  ['Ubuntu, which has no firefox-esr', 'ID=ubuntu\nID_LIKE=debian\n', 'snap', false],
  ['a derivative of Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'snap', false],
  ['Rocky Linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf', false],
  ['an unknown Linux', '', 'package manager', false],
])('%s', (_, osRelease, command, debian) => {
  expect(installCommand(firefoxInstallCommands, { platform: 'linux', osRelease })).toContain(command);
  expect(isDebian(osRelease)).toBe(debian);
});

test('macOS and Windows have their own', () => {
  const command = (platform: NodeJS.Platform) => installCommand(firefoxInstallCommands, { platform, osRelease: '' });
  expect(command('darwin')).toBe('brew install --cask firefox');
  expect(command('win32')).toContain('winget');
});

test("Ubuntu's Chromium is confined and cannot read a profile in the temporary folder, so Chrome is named there", () => {
  expect(installCommand(chromiumInstallCommands, { platform: 'linux', osRelease: 'ID=ubuntu\n' })).toContain(
    'google-chrome-stable',
  );
});
