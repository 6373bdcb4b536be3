import { expect, test } from 'vitest';
import { firefoxCandidates } from './firefox-candidates.ts';

const homeDir = '/home/someone';

test('on Linux every folder of PATH is searched before the usual places, and a release before other editions', () => {
  const candidates = firefoxCandidates({ platform: 'linux', environment: { PATH: '/opt/bin::bin:/usr/bin' }, homeDir });
  expect(candidates.slice(0, 4)).toEqual([
    '/opt/bin/firefox',
    '/usr/bin/firefox',
    '/opt/bin/firefox-esr',
    '/usr/bin/firefox-esr',
  ]);
  expect(candidates.indexOf('/usr/lib/firefox-esr/firefox-esr')).toBeGreaterThan(
    candidates.indexOf('/usr/bin/firefox-developer-edition'),
  );
});

test('on macOS the applications of the machine and of the user are searched', () => {
  const candidates = firefoxCandidates({ platform: 'darwin', environment: {}, homeDir: '/Users/someone' });
  expect(candidates[0]).toBe('/Applications/Firefox.app/Contents/MacOS/firefox');
  expect(candidates).toContain('/Users/someone/Applications/Firefox Developer Edition.app/Contents/MacOS/firefox');
});

test('on Windows the program folders that the environment names are searched', () => {
  const environment = { ProgramFiles: 'C:\\Program Files', LOCALAPPDATA: 'C:\\Local' };
  expect(firefoxCandidates({ platform: 'win32', environment, homeDir: 'C:\\Users\\someone' }).slice(0, 3)).toEqual([
    'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    'C:\\Local\\Mozilla Firefox\\firefox.exe',
    'C:\\Program Files\\Firefox Developer Edition\\firefox.exe',
  ]);
});
