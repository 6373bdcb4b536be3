import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser } from './browser.ts';
import { noPushService, servePages } from './serve-pages.test-data.ts';
import { waitUntil } from './wait-until.ts';

vi.setConfig({ testTimeout: 60_000 });

export interface LaunchOptions {
  readonly pushService: typeof noPushService;
  readonly profileDir?: string;
  readonly executablePath?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface LaunchUnderTest {
  /** The function's name, and the module that exports it. */
  readonly name: string;
  readonly module: URL;
  launch(options: LaunchOptions): Promise<Browser>;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** That of a process that has ended is empty, even before it is waited for. */
function commandLine(processId: string): Promise<string> {
  return readFile(`/proc/${processId}/cmdline`, 'utf8').catch(() => '');
}

/** By its state, since a process that is just becoming another program has no command line for a moment. */
async function isRunning(processId: string | undefined): Promise<boolean> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX] /.test(stat);
}

/** The command lines that name a folder: of a browser's own processes, and of what runs beside it. */
async function processesIn(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(ids.map(commandLine))).filter((line) => line.includes(folder));
}

/** How every browser starts and ends. */
export function launchContract({ name, module, launch }: LaunchUnderTest): void {
  describe(`the launch contract of ${name}`, () => {
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

    test('two browsers run at once, each with a temporary profile that goes with it', async () => {
      const browsers = await Promise.all([
        launch({ pushService: noPushService }),
        launch({ pushService: noPushService }),
      ]);
      const [first, second] = browsers;
      expect(first.version).toMatch(/^\d+\.\d+/);
      expect(first.profileDir).not.toBe(second.profileDir);
      const pages = await Promise.all(browsers.map((browser) => browser.open(`${site.origin}/`)));
      expect(await Promise.all(pages.map((page) => page.text('h1')))).toEqual(['Here', 'Here']);

      await Promise.all([first.close(), second.kill()]);
      await Promise.all([first.closed, second.closed]);
      const folders = browsers.map(({ profileDir }) => dirname(profileDir));
      expect(await Promise.all(folders.map(exists))).toEqual([false, false]);
      expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
      await expect(first.open(site.origin)).rejects.toMatchObject({ code: 'browser-exited' });
      await first.close();
    });

    test('a named profile is kept, and a relaunch with it finds what it held, also after a crash', async () => {
      const profileDir = join(folder, 'profile');
      const run = async () => {
        const browser = await launch({ pushService: noPushService, profileDir });
        const page = await browser.open(`${site.origin}/`);
        return { browser, permission: () => page.evaluate('() => Notification.permission') };
      };
      const first = await run();
      expect(await first.permission()).toBe('default');
      await first.browser.grantNotifications(site.origin);
      expect(await first.permission()).toBe('granted');
      await first.browser.close();

      const second = await run();
      expect(await second.permission()).toBe('granted');
      await second.browser.kill();

      const third = await run();
      expect(await third.permission()).toBe('granted');
      await third.browser.close();
      expect(await exists(profileDir)).toBe(true);
    });

    test('the signal ends a running browser', async () => {
      const stop = new AbortController();
      const browser = await launch({ pushService: noPushService, signal: stop.signal });
      stop.abort();
      await browser.closed;
      expect(await exists(browser.profileDir)).toBe(false);
    });

    /** Stands in for a browser that never becomes ready: it writes its process id and arguments, then does `ending`. */
    async function unreadyBrowser(fileName: string, ending: string) {
      const executablePath = join(folder, fileName);
      const record = `${executablePath}.record`;
      const script = `#!/bin/sh\necho "$$ $*" > ${record}.new && mv ${record}.new ${record}\n${ending}\n`;
      await writeFile(executablePath, script);
      await chmod(executablePath, 0o755);
      return {
        executablePath,
        started: () =>
          waitUntil(async () => ((await exists(record)) ? true : undefined), {
            timeoutMs: 5_000,
            describe: () => fileName,
          }),
        async leftovers() {
          const [, pid, profileDir = ''] =
            /^(\d+) .*(?:--profile |--user-data-dir=)(\S+)/.exec(await readFile(record, 'utf8')) ?? [];
          expect(profileDir).toMatch(/belfry-(firefox|chromium)-.*profile$/);
          const isAnyRunning = (await isRunning(pid)) || (await processesIn(dirname(profileDir))).length > 0;
          return { process: isAnyRunning, profile: await exists(profileDir) };
        },
      };
    }

    const nothing = { process: false, profile: false };

    test('a browser that ends before it is ready is reported with what it wrote, and leaves nothing', async () => {
      const { executablePath, leftovers } = await unreadyBrowser('broken', 'echo no display >&2; exit 7');
      await expect(launch({ pushService: noPushService, executablePath })).rejects.toMatchObject({
        code: 'browser-exited',
        message: `${executablePath} ended (7) before it was ready:\nno display\n`,
      });
      expect(await leftovers()).toEqual(nothing);
    });

    test('a browser that is not ready in time is ended, and leaves nothing', async () => {
      const { executablePath, leftovers } = await unreadyBrowser('slow', 'echo still loading >&2; exec sleep 1000');
      await expect(launch({ pushService: noPushService, executablePath, timeoutMs: 500 })).rejects.toMatchObject({
        code: 'launch-timeout',
        message: `${executablePath} was not ready after 500 ms:\nstill loading\n`,
      });
      expect(await leftovers()).toEqual(nothing);
    });

    test('a signal during the launch ends it with its reason, and leaves nothing', async () => {
      const { executablePath, started, leftovers } = await unreadyBrowser('aborted', 'exec sleep 1000');
      const stop = new AbortController();
      const launching = launch({ pushService: noPushService, executablePath, signal: stop.signal });
      await started();
      stop.abort(new Error('no longer wanted'));
      await expect(launching).rejects.toThrow('no longer wanted');
      expect(await leftovers()).toEqual(nothing);
    });

    test('a Node process that exits takes its browser along', async () => {
      const { executablePath, started, leftovers } = await unreadyBrowser('orphan', 'exec sleep 1000');
      const program = `
    import { ${name} } from ${JSON.stringify(module.href)};
    process.on('message', () => process.exit());
    await ${name}(${JSON.stringify({ pushService: noPushService, executablePath })});`;
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
      await expect(launch({ pushService: noPushService, executablePath })).rejects.toMatchObject({
        code: 'browser-exited',
        message: expect.stringContaining(`Could not start ${executablePath}`),
      });
    });
  });
}
