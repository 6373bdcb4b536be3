import { expect, test } from 'vitest';
import { firefoxInstallCommand } from './firefox-install-command.ts';

test.each([
  ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'apt-get', true],
  ['Ubuntu, which has no firefox-esr', 'ID=ubuntu\nID_LIKE=debian\n', 'snap', false],
  ['a derivative of Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'snap', false],
  ['Rocky Linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf', false],
  ['an unknown Linux', '', 'package manager', false],
])('%s', (_, osRelease, command, isDebian) => {
  expect(firefoxInstallCommand({ platform: 'linux', osRelease })).toEqual({
    command: expect.stringContaining(command),
    isDebian,
  });
});

test('macOS and Windows have their own', () => {
  expect(firefoxInstallCommand({ platform: 'darwin', osRelease: '' }).command).toBe('brew install --cask firefox');
  expect(firefoxInstallCommand({ platform: 'win32', osRelease: '' }).command).toContain('winget');
});
