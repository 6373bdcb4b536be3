import { describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { signIn } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(BROWSERS)('a classic worker in $name', ({ launch }) => {
  const used = useSite(launch, {
    scripts: {
      '/belfry-worker.js': new URL('../../../packages/worker/src/import-scripts.ts', import.meta.url),
      '/classic-worker.js': new URL('classic-worker.browser.js', import.meta.url),
    },
  });

  test('loads the runtime with importScripts, and subscribes for a page that asks it to', async () => {
    await used.browser.grantNotifications(used.site.origin);
    const page = await used.browser.open(`${used.site.origin}/start`);
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
    const [device] = await used.site.app.belfry.devicesOf('ada');
    expect(answer).toEqual({ type: 'SUBSCRIBED', deviceId: device?.deviceId });
    await page.close();
    await used.site.app.notify('ada', { type: 'chat.message', payload: { from: 'Grace', text: 'Lunch?' } });
    await used.browser.waitForNotification({ title: 'Grace', body: 'Lunch?' });
  });
});
