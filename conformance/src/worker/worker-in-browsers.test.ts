import type { Browser, Page } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PushSubscription } from 'web-push';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { pushFromElsewhere } from '../push-site/push-from-elsewhere.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { readSubscription, subscribe } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NOTHING_TO_SHOW = { title: 'Site', body: 'There is news.' };

describe.each(BROWSERS)('in $name', ({ name, launch }) => {
  let site: PushSite;
  let browser: Browser;
  let page: Page;
  let subscription: PushSubscription;
  beforeAll(async () => {
    site = await startPushSite();
    browser = await launch({ pushService: site.pushService });
    page = await subscribe(browser, site);
    const found = await readSubscription(page);
    if (found === undefined) throw new Error(`${name} is subscribed`);
    subscription = found;
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  describe('a push from elsewhere is shown', () => {
    test.each<[string, string | undefined, { title: string; body: string }]>([
      ['that is empty', undefined, NOTHING_TO_SHOW],
      ['that is text', 'Plain words', { title: 'Site', body: 'Plain words' }],
      ['that is broken JSON', '{"title":', { title: 'Site', body: '{"title":' }],
      ['that is flat', '{"title":"Flat","body":"b","url":"/x","tag":"t"}', { title: 'Flat', body: 'b' }],
      ['that has only data', '{"type":"x","payload":1}', NOTHING_TO_SHOW],
      [
        'of a version to come',
        '{"notification":{"title":"Later","body":"b","navigate":"/","data":{"belfry":{"v":99}}}}',
        { title: 'Later', body: 'b' },
      ],
    ])('%s', async (_what, text, expected) => {
      expect(await pushFromElsewhere(site, subscription, text)).toBe(201);
      const notification = await browser.waitForNotification(expected);
      await notification.close();
      expect(await browser.notifications()).toEqual([]);
    });
  });

  describe('a click', () => {
    async function notifyAndClick(url: string): Promise<void> {
      await site.app.notify('ada', { title: 'Click me', body: url, url });
      await (await browser.waitForNotification({ title: 'Click me', body: url })).click();
    }

    test('brings the page to the front that is already at that url', async () => {
      const there = await browser.open(`${site.origin}/orders/17?tab=2`);
      await page.activate();
      const before = (await browser.pages()).length;
      await notifyAndClick('/orders/17?tab=2');
      await there.evaluate(`() => new Promise((resolve) => {
        const look = () => document.visibilityState === 'visible' && resolve();
        document.addEventListener('visibilitychange', look);
        look();
      })`);
      expect(await browser.pages()).toHaveLength(before);
      await there.close();
    });

    test('opens a page where none is at that url', async () => {
      await notifyAndClick('/orders/18');
      const opened = await browser.waitForPage((url) => url === `${site.origin}/orders/18`);
      expect(await opened.evaluate('() => document.visibilityState')).toBe('visible');
      await opened.close();
    });
  });

  test('messages with one tag replace each other, in the order they were sent', async () => {
    for (const body of ['first', 'second']) {
      await (await site.app.notify('ada', { title: 'Tagged', body, tag: 'one' })).settled();
      await browser.waitForNotification({ title: 'Tagged', body });
    }
    const shown = (await browser.notifications()).filter(({ title }) => title === 'Tagged');
    expect(shown.map(({ body }) => body)).toEqual(['second']);
    await shown[0]?.close();
  });

  test('disabling unsubscribes the browser and tells the server', async () => {
    expect(await page.evaluate('() => push.disable()')).toEqual({ outcome: 'off' });
    await page.waitFor('#state', { text: 'off' });
    expect(await site.app.notify('ada', { title: 'x' })).toMatchObject({ devices: 0 });
    // Chromium does not wait for the push service to be told.
    await expect.poll(() => pushFromElsewhere(site, subscription, 'x'), { timeout: 10_000 }).toBe(410);
  });
});
