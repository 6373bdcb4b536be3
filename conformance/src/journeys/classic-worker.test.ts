import type { Browser } from '@belfry/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { signIn } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(BROWSERS)('a classic worker in $name', ({ launch }) => {
  let site: PushSite;
  let browser: Browser;
  beforeAll(async () => {
    site = await startPushSite({
      scripts: {
        '/belfry-worker.js': new URL('../../../packages/worker/src/import-scripts.ts', import.meta.url),
        '/classic-worker.js': new URL('classic-worker.browser.js', import.meta.url),
      },
    });
    browser = await launch({ pushService: site.pushService });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test('loads the runtime with importScripts, and subscribes for a page that asks it to', async () => {
    await browser.grantNotifications(site.origin);
    const page = await browser.open(`${site.origin}/start`);
    await signIn(page, 'ada');
    const answer = await page.evaluate(`async () => {
      await navigator.serviceWorker.register('/classic-worker.js');
      const { active } = await navigator.serviceWorker.ready;
      return new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data));
        navigator.serviceWorker.startMessages();
        active.postMessage({ type: 'SUBSCRIBE' });
      });
    }`);
    const [device] = await site.app.belfry.devicesOf('ada');
    expect(answer).toEqual({ type: 'SUBSCRIBED', deviceId: device?.deviceId });
    await page.close();
    await site.app.notify('ada', { type: 'chat.message', payload: { from: 'Grace', text: 'Lunch?' } });
    await browser.waitForNotification({ title: 'Grace', body: 'Lunch?' });
  });
});
