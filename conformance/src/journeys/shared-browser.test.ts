import type { Browser, Page } from '@belfry/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { type PushSite, startPushSite } from '../push-site/push-site.test-data.ts';
import { signIn, subscribe, untilState } from '../push-site/site-visit.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const SECRET = { title: 'For Ada alone', body: 'Your test results' };

describe.each(BROWSERS)('a shared $name', ({ launch }) => {
  let site: PushSite;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    site = await startPushSite();
    browser = await launch({ pushService: site.pushService });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    page = await subscribe(browser, site, { user: 'ada' });
    await page.evaluate(`() => push.identify('ada')`);
  });
  afterEach(async () => {
    site.cutNetwork(false);
    await page.evaluate('() => push.logout()');
    for (const each of await browser.notifications()) await each.close();
    for (const each of await browser.pages()) await each.close();
  });

  async function devicesOf(user: string): Promise<number> {
    return (await site.app.belfry.devicesOf(user)).filter(({ state }) => state === 'live').length;
  }

  async function titles(): Promise<readonly string[]> {
    return (await browser.notifications()).map(({ title }) => title);
  }

  test('shows nothing to a user who signed out while the network was cut', async () => {
    site.cutNetwork(true);
    const result = await page.evaluate(`async () => {
      const { outcome, server } = await push.logout();
      return [outcome, server?.code];
    }`);
    expect(result).toEqual(['signed-out', 'server-unreachable']);
    await untilState(page, 'off');
    // The server has not heard of it: it still sends, and hears from the push service. Chromium tells that in its own time.
    expect(await devicesOf('ada')).toBe(1);
    const send = async () => (await (await site.app.notify('ada', SECRET)).settled()).map(({ outcome }) => outcome);
    await expect.poll(send, { timeout: 20_000 }).toEqual(['gone']);
    expect(await titles()).not.toContain(SECRET.title);

    site.cutNetwork(false);
    await page.close();
    page = await browser.open(`${site.origin}/next`);
    await untilState(page, 'off');
    await expect.poll(() => site.app.belfry.devicesOf('ada'), { timeout: 10_000 }).toEqual([]);
  });

  test('shows a neutral notice in the place of what is for the user of before, and everything to the next', async () => {
    site.cutNetwork(true);
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({
      status: 'broken',
      reason: 'server-unreachable',
    });
    await site.app.notify('ada', { ...SECRET, tag: 'results' });
    await browser.waitForNotification({ title: 'Site', body: 'There is news.' });
    expect(await titles()).toEqual(['Site']);

    site.cutNetwork(false);
    await signIn(page, 'bob');
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({ status: 'on' });
    expect(await site.app.notify('ada', SECRET)).toMatchObject({ devices: 0 });
    await site.app.notify('bob', { title: 'For Bob' });
    await browser.waitForNotification({ title: 'For Bob' });
    expect(await titles()).not.toContain(SECRET.title);
  });

  test('is the next user’s without a prompt, and ends with a session that no page could end', async () => {
    await site.app.notify('ada', SECRET);
    await browser.waitForNotification(SECRET);
    await page.evaluate('() => push.logout()');
    await expect.poll(titles).toEqual([]);
    expect(await devicesOf('ada')).toBe(0);
    await signIn(page, 'bob');
    expect(await page.evaluate(`() => push.identify('bob')`)).toEqual({ status: 'on' });
    expect(await devicesOf('bob')).toBe(1);
    await site.app.belfry.endSession('session of bob');
    expect(await devicesOf('bob')).toBe(0);
  });
});
