import type { Browser } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** Chromium waits before it connects again: 21 to 29 s (measured, 156), and longer when that attempt fails too. */
const RECONNECTED_MS = 180_000;

describe.each(BROWSERS)('$name, running while the push service restarts,', ({ launch }) => {
  let site: PushSite;
  let browser: Browser;
  beforeAll(async () => {
    site = await startPushSite();
    browser = await launch({ pushService: site.pushService });
    await (await subscribe(browser, site)).close();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test('shows what is sent after that', async () => {
    await site.app.notify('ada', { title: 'Before' });
    await browser.waitForNotification({ title: 'Before' });
    await site.restartPushService();
    const sent = await site.app.notify('ada', { title: 'After' });
    expect(await sent.settled()).toMatchObject([{ outcome: 'accepted' }]);
    await browser.waitForNotification({ title: 'After', timeoutMs: RECONNECTED_MS });
  });
});
