import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser, Page } from '@belfry/testing';
import { BROWSERS } from './browsers.test-data.ts';
import { launchFirefoxWithQuota } from './firefox-with-quota.test-data.ts';
import { pushFromElsewhere } from './push-from-elsewhere.test-data.ts';
import { type PushSite, startPushSite } from './push-site.test-data.ts';
import { readSubscription, signOut, subscribe } from './site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(BROWSERS)('the site in $name', ({ launch }) => {
  let site: PushSite;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    site = await startPushSite();
    browser = await launch({ pushService: site.pushService });
    page = await subscribe(browser, site, { user: 'grace' });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const answer = `(path) => fetch(path).then(({ status }) => status, () => 'none')`;
  const updateWorker = `async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.update().then(() => 'updated', () => 'none');
  }`;

  test('with its network cut answers neither page nor worker, and what its server sends is shown', async () => {
    site.cutNetwork(true);
    expect([await page.evaluate(answer, '/'), await page.evaluate(updateWorker)]).toEqual(['none', 'none']);
    await site.app.notify('grace', { title: 'Cut off' });
    await (await browser.waitForNotification({ title: 'Cut off' })).close();
    site.cutNetwork(false);
    expect([await page.evaluate(answer, '/'), await page.evaluate(updateWorker)]).toEqual([200, 'updated']);
  });

  test('knows its user by a cookie, until it is cleared', async () => {
    expect(await site.app.notify('grace', { title: 'To grace' })).toMatchObject({ devices: 1 });
    expect(await site.app.notify('ada', { title: 'To ada' })).toMatchObject({ devices: 0 });
    const subscribeAgain = `async () => {
      const registration = await navigator.serviceWorker.ready;
      const body = JSON.stringify(await registration.pushManager.getSubscription());
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/push/subscribe', { method: 'POST', headers, body })).status;
    }`;
    expect(await page.evaluate(subscribeAgain)).toBe(201);
    await signOut(page);
    expect(await page.evaluate(subscribeAgain)).toBe(401);
  });
});

test('the site starts with a VAPID key of its store, which is rotated, and serves other scripts', async () => {
  const site = await startPushSite({ scripts: { '/silent.js': new URL('silent-worker.browser.js', import.meta.url) } });
  try {
    const publicKey = async () => (await site.app.inject('/api/push/public-key')).json().publicKey;
    expect(await publicKey()).toBe(site.vapid.publicKey);
    await site.app.belfry.rotateVapidKeys();
    expect(await publicKey()).not.toBe(site.vapid.publicKey);
    expect((await site.app.inject('/silent.js')).body).toContain(`addEventListener("push"`);
  } finally {
    await site.close();
  }
});

test('a Firefox with a small quota ends the subscription of a worker that shows nothing, after four pushes', async () => {
  await using stack = new AsyncDisposableStack();
  const worker = new URL('silent-worker.browser.js', import.meta.url);
  const site = stack.adopt(await startPushSite({ worker }), (one) => one.close());
  const firefox = stack.adopt(await launchFirefoxWithQuota(site), (one) => one.close());
  const page = await subscribe(firefox, site);
  const subscription = await readSubscription(page);
  if (subscription === undefined) throw new Error('Firefox is subscribed');
  await page.close();
  const isLive = (): boolean => site.pushService.subscriptions().some((one) => one.isLive);
  expect(isLive()).toBe(true);
  for (const text of ['1', '2', '3', '4']) expect(await pushFromElsewhere(site, subscription, text)).toBe(201);
  await expect.poll(isLive, { timeout: 10_000 }).toBe(false);
});
