import type { PushService, PushServiceOptions } from '@belfry/push-service';
import {
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test';
import type { Desktop } from '../desktop.ts';
import { type PreparedChromium, prepareChromium } from '../prepare-chromium.ts';
import { pushService as pushServices } from '../push-service.ts';

export interface PushTestArgs {
  /** Shows the notifications of the test's browser. */
  readonly desktop: Desktop;
}

export interface PushWorkerArgs {
  /** The push service of the worker's browsers. */
  readonly pushService: PushService;
}

/** For `use` in the configuration; in a file of tests, `test.use` takes them at its top level. */
export interface PushWorkerOptions {
  /** Default: free ports, and memory. Fixed ports need a single worker. */
  readonly pushServiceOptions: PushServiceOptions;
  /** Default true: no connection of the browser leaves the loopback interface. */
  readonly containment: boolean;
}

interface PreparedArgs {
  readonly preparedChromium: PreparedChromium;
}

/**
 * Playwright Test's `test`, whose `page` and `context` belong to a Chromium with a push service of your own, with a fresh
 * profile for each test. `use` holds as ever (`headless`, `viewport`, `storageState`, `launchOptions`, `trace`), with
 * these differences: `permissions` is `['notifications']` by default; the browser is the machine's own Chromium or
 * `launchOptions.executablePath`, whatever the `channel`; `video` records nothing. In projects of other browsers the tests
 * are skipped.
 *
 * @example
 * import { expect, test } from '@belfry/testing/playwright';
 *
 * test('a message is shown', async ({ page, desktop }) => {
 *   await page.goto('/');
 *   await page.getByRole('button', { name: 'Enable' }).click();
 *   await expect(page.getByText('on')).toBeVisible({ timeout: 15_000 });
 *   // … send a push …
 *   const notification = await desktop.waitForNotification({ title: 'Hello' });
 *   await notification.click();
 * });
 */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & PushTestArgs,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & PushWorkerArgs & PushWorkerOptions
> = base.extend<PushTestArgs & PreparedArgs, PushWorkerArgs & PushWorkerOptions>({
  pushServiceOptions: [{}, { scope: 'worker', option: true }],
  containment: [true, { scope: 'worker', option: true }],
  permissions: ({ permissions }, use) => use(permissions ?? ['notifications']),
  pushService: [
    async ({ pushServiceOptions }, use) => {
      const pushService = await pushServices.start(pushServiceOptions);
      await use(pushService);
      await pushService.close();
    },
    { scope: 'worker' },
  ],
  preparedChromium: async ({ pushService, containment, launchOptions, browserName }, use, testInfo) => {
    testInfo.skip(browserName !== 'chromium', 'A push service of its own is for Chromium only');
    const { executablePath, args } = launchOptions;
    const prepared = await prepareChromium({ pushService, containment, executablePath, args });
    await use(prepared);
    await prepared.close();
  },
  desktop: ({ preparedChromium }, use) => use(preparedChromium),
  // Playwright itself adds what `use` says to every context that a test makes, this one included, but for the storage.
  context: async ({ playwright, preparedChromium, launchOptions, storageState }, use) => {
    const { env, ...options } = preparedChromium.launchOptions;
    const context = await playwright.chromium.launchPersistentContext('', {
      ...options,
      env: { ...env, ...launchOptions.env },
    });
    try {
      if (storageState !== undefined) await context.setStorageState(storageState);
      await use(context);
    } finally {
      await context.close();
    }
  },
  // The tab that a browser with a profile starts with, so that no empty one stands beside the test's.
  page: async ({ context }, use) => use(context.pages()[0] ?? (await context.newPage())),
});
