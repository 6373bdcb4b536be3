import { expect, test } from 'vitest';
import { noPushService } from '../serve-pages.test-data.ts';
import { type ChromiumCommandOptions, chromiumCommand } from './chromium-command.ts';

const options: ChromiumCommandOptions = {
  endpoints: noPushService.chromium,
  headless: true,
  containment: true,
  args: ['--lang=de'],
  folders: {
    baseDir: '/base',
    profileDir: '/base/profile',
    homeDir: '/base/home',
    remove: async () => {},
    removeSync: () => {},
  },
  busAddress: 'unix:path=/base/bus',
  environment: { HOME: '/home/someone', LANG: 'C' },
  platform: 'linux',
  isRoot: false,
};

test('the push service, the profile and the bus are its own, and the page to open comes last', () => {
  const { args, environment } = chromiumCommand(options);
  expect(args).toContain('--gcm-mcs-endpoint=https://127.0.0.1:9');
  expect(args).toContain('--user-data-dir=/base/profile');
  expect(args.slice(-2)).toEqual(['--lang=de', 'about:blank']);
  expect(environment).toMatchObject({
    LANG: 'C',
    HOME: '/base/home',
    TMPDIR: '/base',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/base/bus',
  });
});

test('the sandbox is left out for root on Linux only, whom Chromium refuses it', () => {
  const hasSandbox = (change: object) => !chromiumCommand({ ...options, ...change }).args.includes('--no-sandbox');
  expect(hasSandbox({ isRoot: false })).toBe(true);
  expect(hasSandbox({ isRoot: true })).toBe(false);
  expect(hasSandbox({ isRoot: true, platform: 'darwin' })).toBe(true);
});

test("a browser with a window keeps the user's HOME, and one without containment the network", () => {
  const { args, environment } = chromiumCommand({ ...options, headless: false, containment: false });
  expect(environment['HOME']).toBe('/home/someone');
  expect(args.join()).not.toMatch(/headless|host-resolver-rules/);
});
