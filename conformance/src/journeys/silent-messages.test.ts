import { launchChromium } from '@belfry/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { launchFirefoxWithQuota } from '../push-site/firefox-with-quota.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const BROWSERS = [
  { name: 'a Firefox that ends a subscription at the fourth silent push', launch: launchFirefoxWithQuota },
  { name: 'Chromium', launch: launchChromium },
];

describe.each(BROWSERS)('in $name', ({ launch }) => {
  const used = useSite(launch);
  beforeAll(async () => {
    await (await subscribe(used.browser, used.site)).close();
  });

  test('five messages without a notification do not cost the subscription: each shows the same one', async () => {
    for (let payload = 1; payload <= 5; payload++) {
      const { id } = await used.site.app.notify('ada', { type: 'cache.stale', payload });
      await expect.poll(async () => (await used.site.app.belfry.messageStatus(id))?.receipts).toEqual({ shown: 1 });
    }
    expect((await used.browser.notifications()).map(({ title, body }) => [title, body])).toEqual([
      ['Site', 'There is news.'],
    ]);
    const notified = await used.site.app.notify('ada', { title: 'Still here' });
    expect(await notified.settled()).toMatchObject([{ outcome: 'accepted' }]);
    await used.browser.waitForNotification({ title: 'Still here' });
    expect(used.site.pushService.subscriptions().filter(({ isLive }) => isLive)).toHaveLength(1);
  });
});
