import type { Page } from '@belfry/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { signIn, subscribe, untilState } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const SECRET = { title: 'For Ada alone', body: 'Your test results' };

describe.each(BROWSERS)('a shared $name', ({ launch }) => {
  const used = useSite(launch);
  let page: Page;
  beforeEach(async () => {
    page = await subscribe(used.browser, used.site, { user: 'ada' });
    await page.evaluate(`() => push.identify('ada')`);
  });
  afterEach(async () => {
    used.site.cutNetwork(false);
    await page.evaluate('() => push.logout()');
    for (const each of await used.browser.notifications()) await each.close();
    for (const each of await used.browser.pages()) await each.close();
  });

  async function devicesOf(user: string): Promise<number> {
    return (await used.site.app.belfry.devicesOf(user)).filter(({ state }) => state === 'live').length;
  }

  async function titles(): Promise<readonly string[]> {
    return (await used.browser.notifications()).map(({ title }) => title);
  }

  test('shows nothing to a user who signed out while the network was cut', async () => {
    used.site.cutNetwork(true);
    const result = await page.evaluate(`async () => {
      const { outcome, server } = await push.logout();
      return [outcome, server?.code];
    }`);
    expect(result).toEqual(['signed-out', 'server-unreachable']);
    await untilState(page, 'off');
    // The server has not heard of it: it still sends, and hears from the push service. Chromium tells that in its own time.
    expect(await devicesOf('ada')).toBe(1);
    const send = async () =>
      (await (await used.site.app.notify('ada', SECRET)).settled()).map(({ outcome }) => outcome);
    await expect.poll(send, { timeout: 20_000 }).toEqual(['gone']);
    expect(await titles()).not.toContain(SECRET.title);

    used.site.cutNetwork(false);
    await page.close();
    page = await used.browser.open(`${used.site.origin}/next`);
    await untilState(page, 'off');
    await expect.poll(() => used.site.app.belfry.devicesOf('ada'), { timeout: 10_000 }).toEqual([]);
  });

  test('shows a neutral notice in the place of what is for the user of before, and everything to the next', async () => {
    used.site.cutNetwork(true);
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({
      status: 'broken',
      reason: 'server-unreachable',
    });
    await used.site.app.notify('ada', { ...SECRET, tag: 'results' });
    await used.browser.waitForNotification({ title: 'Site', body: 'There is news.' });
    expect(await titles()).toEqual(['Site']);

    used.site.cutNetwork(false);
    await signIn(page, 'bob');
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({ status: 'on' });
    expect(await used.site.app.notify('ada', SECRET)).toMatchObject({ devices: 0 });
    await used.site.app.notify('bob', { title: 'For Bob' });
    await used.browser.waitForNotification({ title: 'For Bob' });
    expect(await titles()).not.toContain(SECRET.title);
  });

  test('has another subscription for each user, whether the page says who that is or not', async () => {
    const endpoint = () =>
      page.evaluate(`async () => {
        const { pushManager } = await navigator.serviceWorker.ready;
        return (await pushManager.getSubscription()).endpoint;
      }`);
    const endpoints = [await endpoint()];
    await signIn(page, 'bob');
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({ status: 'on' });
    endpoints.push(await endpoint());
    await signIn(page, 'cyd');
    expect(await page.evaluate(`() => push.refresh()`)).toEqual({ status: 'on' });
    endpoints.push(await endpoint());
    expect(new Set(endpoints).size).toBe(3);
    expect([await devicesOf('ada'), await devicesOf('bob'), await devicesOf('cyd')]).toEqual([0, 0, 1]);
    await used.site.app.notify('cyd', { title: 'For Cyd' });
    await used.browser.waitForNotification({ title: 'For Cyd' });
  });

  test('is the next user’s without a prompt, and ends with a session that no page could end', async () => {
    await used.site.app.notify('ada', SECRET);
    await used.browser.waitForNotification(SECRET);
    await page.evaluate('() => push.logout()');
    await expect.poll(titles).toEqual([]);
    expect(await devicesOf('ada')).toBe(0);
    await signIn(page, 'bob');
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({ status: 'on' });
    expect(await devicesOf('bob')).toBe(1);
    await used.site.app.belfry.endSession('session of bob');
    expect(await devicesOf('bob')).toBe(0);
  });
});
