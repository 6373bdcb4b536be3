import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PushSubscription } from 'web-push';
import { EXPIRING_BROWSERS, type ExpiringBrowser } from '../push-site/expiring-browsers.test-data.ts';
import { pushFromElsewhere } from '../push-site/push-from-elsewhere.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { readSubscription, subscribe, unsubscribeQuietly, untilState } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(EXPIRING_BROWSERS)('in $name', ({ name, launch, tellsOldEndpoint }) => {
  let site: PushSite;
  let running: ExpiringBrowser;
  let subscription: PushSubscription;
  beforeAll(async () => {
    site = await startPushSite();
    running = await launch(site.pushService);
  });
  afterAll(async () => {
    await running?.browser.close();
    await site?.close();
  });
  beforeEach(async () => {
    const page = await subscribe(running.browser, site);
    const found = await readSubscription(page);
    if (found === undefined) throw new Error(`${name} is subscribed`);
    subscription = found;
    await page.close();
  });

  test('the endpoint of a browser that unsubscribed answers 410, and the server forgets the device', async () => {
    expect(await pushFromElsewhere(site, subscription, 'Still here')).toBe(201);
    const page = await running.browser.open(`${site.origin}/end`);
    await unsubscribeQuietly(page);
    await page.close();
    // Chromium does not wait for the push service to be told.
    await expect.poll(() => pushFromElsewhere(site, subscription, 'Gone'), { timeout: 10_000 }).toBe(410);
    expect(await (await site.app.notify('ada', { title: 'Gone' })).settled()).toMatchObject([{ outcome: 'gone' }]);
    expect(await site.app.notify('ada', { title: 'Gone' })).toMatchObject({ devices: 0 });
  });

  test('the endpoint of a subscription that expired answers 410', async () => {
    site.pushService.expireSubscription(subscription);
    expect(await pushFromElsewhere(site, subscription, 'Gone')).toBe(410);
    const page = await running.browser.open(`${site.origin}/end`);
    await unsubscribeQuietly(page);
    await page.close();
  });

  test('a worker is told when its subscription was ended, with no page open, and the next page is on again', async () => {
    await running.expireSubscription(site, subscription);
    const body = tellsOldEndpoint ? subscription.endpoint : 'none';
    await running.browser.waitForNotification({ title: 'Subscription changed', body, timeoutMs: 30_000 });
    const back = await running.browser.open(`${site.origin}/back`);
    await untilState(back, 'on');
    expect((await readSubscription(back))?.endpoint).not.toBe(subscription.endpoint);
  });
});
