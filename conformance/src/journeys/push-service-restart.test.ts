import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** Chromium waits before it connects again: 21 to 29 s (measured, 156), and longer when that attempt fails too. */
const RECONNECTED_MS = 180_000;

describe.each(BROWSERS)('$name, running while the push service restarts,', ({ launch }) => {
  const used = useSite(launch);
  beforeAll(async () => {
    await (await subscribe(used.browser, used.site)).close();
  });

  test('shows what is sent after that', async () => {
    await used.site.app.notify('ada', { title: 'Before' });
    await used.browser.waitForNotification({ title: 'Before' });
    await used.site.restartPushService();
    const sent = await used.site.app.notify('ada', { title: 'After' });
    expect(await sent.settled()).toMatchObject([{ outcome: 'accepted' }]);
    await used.browser.waitForNotification({ title: 'After', timeoutMs: RECONNECTED_MS });
  });
});
