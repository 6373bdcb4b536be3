import type { Page } from '@belfry/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(BROWSERS)("an app's own Workbox worker in $name", ({ launch }) => {
  const used = useSite(launch, {
    worker: new URL('workbox.browser.js', import.meta.url),
    scripts: { '/precached.js': new URL('../push-site/silent-worker.browser.js', import.meta.url) },
  });
  let page: Page;
  beforeAll(async () => {
    page = await subscribe(used.browser, used.site);
  });

  const fetchText = (path: string) =>
    page.evaluate(`(path) => fetch(path).then((response) => response.text(), () => 'none')`, path);

  test('goes on caching, and shows what is pushed, while the network is cut', async () => {
    await page.evaluate(`() => new Promise((resolve) => {
      const { serviceWorker } = navigator;
      if (serviceWorker.controller !== null) resolve(true);
      serviceWorker.addEventListener('controllerchange', () => resolve(true));
    })`);
    const online = await fetchText('/cached/1');
    expect(online).toContain('<title>Site</title>');
    // Workbox answers first, and keeps the answer afterwards.
    await expect.poll(() => page.evaluate(`() => caches.match('/cached/1').then(Boolean)`)).toBe(true);

    used.site.cutNetwork(true);
    expect(await fetchText('/cached/1')).toBe(online);
    expect(await fetchText('/precached.js')).toContain('addEventListener');
    expect(await fetchText('/not-cached')).toBe('none');
    await used.site.app.notify('ada', { title: 'Pushed', url: '/cached/1' });
    await used.browser.waitForNotification({ title: 'Pushed' });
    used.site.cutNetwork(false);
  });
});
