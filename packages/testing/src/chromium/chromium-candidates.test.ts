import { expect, test } from 'vitest';
import { chromiumCandidates } from './chromium-candidates.ts';

test('on Linux PATH comes before the usual places, and snaps, which are confined, are left out', () => {
  const environment = { PATH: '/opt/bin:/snap/bin:/usr/bin' };
  const candidates = chromiumCandidates({ platform: 'linux', environment, homeDir: '/home/someone' });
  expect(candidates.slice(0, 4)).toEqual([
    '/opt/bin/chromium',
    '/usr/bin/chromium',
    '/opt/bin/google-chrome-stable',
    '/usr/bin/google-chrome-stable',
  ]);
  expect(candidates).toContain('/usr/lib/chromium/chromium');
  expect(candidates.join()).not.toContain('snap');
});

test('on macOS the applications of the machine and of the user are searched', () => {
  const candidates = chromiumCandidates({ platform: 'darwin', environment: {}, homeDir: '/Users/someone' });
  expect(candidates[0]).toBe('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  expect(candidates).toContain('/Users/someone/Applications/Chromium.app/Contents/MacOS/Chromium');
});

test('on Windows the program folders that the environment names are searched', () => {
  const environment = { ProgramFiles: 'C:\\Program Files' };
  expect(chromiumCandidates({ platform: 'win32', environment, homeDir: 'C:\\Users\\someone' })).toEqual([
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files\\Chromium\\Application\\chrome.exe',
  ]);
});
