import type { PushService, PushServiceOptions } from '@belfry/push-service';
import { test as base, type TestAPI } from 'vitest';
import type { Chromium } from '../chromium.ts';
import type { Firefox } from '../firefox.ts';
import { launchChromium } from '../launch-chromium.ts';
import { launchFirefox } from '../launch-firefox.ts';
import { pushService as pushServices } from '../push-service.ts';
import type { ScriptedAgent } from '../scripted-agent/scripted-agent.ts';
import { type ScriptedAgentOptions, startScriptedAgent } from '../scripted-agent/start-scripted-agent.ts';

/** `startScriptedAgent`'s options, but for the push service. */
export type StartAgentOptions = WithoutPushService<ScriptedAgentOptions>;

type WithoutPushService<Options> = Options extends unknown ? Omit<Options, 'pushService'> : never;

/** Only what a test names is started. */
export interface PushFixtures {
  /** `test.override('pushServiceOptions', { … })` sets them. Default: free ports, and memory. */
  readonly pushServiceOptions: PushServiceOptions;
  /** Of the file. */
  readonly pushService: PushService;
  /** Of the file: its profile, with permissions and subscriptions, is shared by the file's tests. */
  readonly chromium: Chromium;
  /** Of the file, as `chromium`. */
  readonly firefox: Firefox;
  /** Starts user agents without a browser at `pushService`. They are closed when the test ends. */
  readonly startAgent: (options?: StartAgentOptions) => Promise<ScriptedAgent>;
}

/**
 * vitest's `test` with real browsers and their push service, which are closed after the file. A browser is launched within
 * the first test that names it, and Chromium's first subscription takes 3 s: raise `testTimeout` to 30 s or more.
 *
 * @example
 * import { test } from '@belfry/testing/vitest';
 * import { expect } from 'vitest';
 *
 * test('a message is shown', async ({ chromium, pushService }) => {
 *   await chromium.grantNotifications('http://localhost:3000');
 *   const page = await chromium.open('http://localhost:3000');
 *   await page.click('#enable');
 *   // … send a push …
 *   expect(await chromium.waitForNotification({ title: 'Hello' })).toMatchObject({ body: 'from Ada' });
 * });
 */
export const test: TestAPI<PushFixtures> = base.extend<PushFixtures>({
  pushServiceOptions: [{}, { scope: 'file' }],
  pushService: [
    async ({ pushServiceOptions }, use) => {
      const pushService = await pushServices.start(pushServiceOptions);
      await use(pushService);
      await pushService.close();
    },
    { scope: 'file' },
  ],
  chromium: [
    async ({ pushService }, use) => {
      const chromium = await launchChromium({ pushService });
      await use(chromium);
      await chromium.close();
    },
    { scope: 'file' },
  ],
  firefox: [
    async ({ pushService }, use) => {
      const firefox = await launchFirefox({ pushService });
      await use(firefox);
      await firefox.close();
    },
    { scope: 'file' },
  ],
  startAgent: async ({ pushService }, use) => {
    const agents: ScriptedAgent[] = [];
    await use(async (options) => {
      const agent = await startScriptedAgent({ ...options, pushService });
      agents.push(agent);
      return agent;
    });
    await Promise.all(agents.map((agent) => agent.close()));
  },
});
