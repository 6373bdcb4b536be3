import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launchFirefox } from './launch-firefox.ts';
import { noPushService, servePages } from './serve-pages.test-data.ts';
import { waitUntil } from './wait-until.ts';

vi.setConfig({ testTimeout: 60_000 });

let site: Awaited<ReturnType<typeof servePages>>;
let folder: string;

beforeAll(async () => {
  site = await servePages({ '/': '<!doctype html><h1>Here</h1>' });
  folder = await mkdtemp(join(tmpdir(), 'belfry-testing-'));
});

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

test('two browsers run at once, each with a temporary profile that goes with it', async () => {
  const browsers = await Promise.all([
    launchFirefox({ pushService: noPushService }),
    launchFirefox({ pushService: noPushService }),
  ]);
  const [first, second] = browsers;
  expect(first.version).toMatch(/^\d+\.\d+/);
  expect(first.profileDir).not.toBe(second.profileDir);
  const pages = await Promise.all(browsers.map((browser) => browser.open(`${site.origin}/`)));
  expect(await Promise.all(pages.map((page) => page.text('h1')))).toEqual(['Here', 'Here']);

  await Promise.all([first.close(), second.kill()]);
  await Promise.all([first.closed, second.closed]);
  expect([await exists(first.profileDir), await exists(second.profileDir)]).toEqual([false, false]);
  await expect(first.open(site.origin)).rejects.toMatchObject({ code: 'browser-exited' });
  await first.close();
});

test('a named profile is kept, and a relaunch with it finds what it held, also after a crash', async () => {
  const profileDir = join(folder, 'profile');
  const run = async () => {
    const firefox = await launchFirefox({ pushService: noPushService, profileDir });
    const page = await firefox.open(`${site.origin}/`);
    return { firefox, permission: () => page.evaluate('() => Notification.permission') };
  };
  const first = await run();
  expect(await first.permission()).toBe('default');
  await first.firefox.grantNotifications(site.origin);
  expect(await first.permission()).toBe('granted');
  await first.firefox.close();

  const second = await run();
  expect(await second.permission()).toBe('granted');
  await second.firefox.kill();

  const third = await run();
  expect(await third.permission()).toBe('granted');
  await third.firefox.close();
  expect(await exists(profileDir)).toBe(true);
});

test('the signal ends a running browser', async () => {
  const stop = new AbortController();
  const firefox = await launchFirefox({ pushService: noPushService, signal: stop.signal });
  stop.abort();
  await firefox.closed;
  expect(await exists(firefox.profileDir)).toBe(false);
});

/** Stands in for a browser that never becomes ready: it writes its process id and profile down, then does `ending`. */
async function unreadyBrowser(name: string, ending: string) {
  const executablePath = join(folder, name);
  const record = `${executablePath}.record`;
  const script = `#!/bin/sh\nfor last; do :; done\necho "$$ $last" > ${record}.new && mv ${record}.new ${record}\n${ending}\n`;
  await writeFile(executablePath, script);
  await chmod(executablePath, 0o755);
  return {
    executablePath,
    started: () =>
      waitUntil(async () => ((await exists(record)) ? true : undefined), { timeoutMs: 5_000, describe: () => name }),
    async leftovers() {
      const [pid, profileDir = ''] = (await readFile(record, 'utf8')).trim().split(' ');
      expect(profileDir).toMatch(/belfry-firefox-.*profile$/);
      // A process that has ended and is not yet waited for has an empty command line.
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { process: commandLine !== '', profile: await exists(profileDir) };
    },
  };
}

const nothing = { process: false, profile: false };

test('a browser that ends before it is ready is reported with what it wrote, and leaves nothing', async () => {
  const { executablePath, leftovers } = await unreadyBrowser('broken', 'echo no display >&2; exit 7');
  await expect(launchFirefox({ pushService: noPushService, executablePath })).rejects.toMatchObject({
    code: 'browser-exited',
    message: `${executablePath} ended (7) before it was ready:\nno display\n`,
  });
  expect(await leftovers()).toEqual(nothing);
});

test('a browser that is not ready in time is ended, and leaves nothing', async () => {
  const { executablePath, leftovers } = await unreadyBrowser('slow', 'echo still loading >&2; exec sleep 1000');
  await expect(launchFirefox({ pushService: noPushService, executablePath, timeoutMs: 500 })).rejects.toMatchObject({
    code: 'launch-timeout',
    message: `${executablePath} was not ready after 500 ms:\nstill loading\n`,
  });
  expect(await leftovers()).toEqual(nothing);
});

test('a signal during the launch ends it with its reason, and leaves nothing', async () => {
  const { executablePath, started, leftovers } = await unreadyBrowser('aborted', 'exec sleep 1000');
  const stop = new AbortController();
  const launch = launchFirefox({ pushService: noPushService, executablePath, signal: stop.signal });
  await started();
  stop.abort(new Error('no longer wanted'));
  await expect(launch).rejects.toThrow('no longer wanted');
  expect(await leftovers()).toEqual(nothing);
});

test('a Node process that exits takes its browser along', async () => {
  const { executablePath, started, leftovers } = await unreadyBrowser('orphan', 'exec sleep 1000');
  const module = new URL('launch-firefox.ts', import.meta.url).href;
  const program = `
    import { launchFirefox } from ${JSON.stringify(module)};
    process.on('message', () => process.exit());
    await launchFirefox(${JSON.stringify({ pushService: noPushService, executablePath })});`;
  const node = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await started();
  expect(await leftovers()).toEqual({ process: true, profile: true });
  const ended = once(node, 'close');
  node.send('exit');
  await ended;
  await waitUntil(async () => ((await leftovers()).process ? undefined : true), {
    timeoutMs: 5_000,
    describe: () => 'the browser to end',
  });
  expect(await leftovers()).toEqual(nothing);
});

test('an executable that cannot be started is named', async () => {
  const executablePath = join(folder, 'absent');
  await expect(launchFirefox({ pushService: noPushService, executablePath })).rejects.toMatchObject({
    code: 'browser-exited',
    message: expect.stringContaining(`Could not start ${executablePath}`),
  });
});
