import type { Page } from '@belfry/testing';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSERS } from '../push-site/browsers.test-data.ts';
import { subscribe } from '../push-site/site-visit.test-data.ts';
import { useSite } from '../push-site/use-site.test-data.ts';

// Longer than the waits' own limits, so that their errors tell what the browser showed instead.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describe.each(BROWSERS)('with pages open in $name', ({ launch }) => {
  const used = useSite(launch);
  beforeAll(async () => {
    await (await subscribe(used.browser, used.site)).close();
  });
  afterEach(async () => {
    for (const each of await used.browser.notifications()) await each.close();
    for (const each of await used.browser.pages()) await each.close();
  });

  const open = (path: string, options?: { window: boolean }): Promise<Page> =>
    used.browser.open(`${used.site.origin}${path}`, options);
  const listen = (page: Page) =>
    page.evaluate(`() => { onMessage('*', (message) => received.push(message.payload)); }`);
  const follow = (page: Page) => page.evaluate(`() => { onNavigate(({ pathname }) => navigated.push(pathname)); }`);
  const received = (page: Page) => page.evaluate('() => received');
  const receipts = async (id: string) => (await used.site.app.belfry.messageStatus(id))?.receipts;
  const shownTitles = async () => (await used.browser.notifications()).map(({ title }) => title);
  const aChat = (payload: number) => ({ type: 'chat.message', payload, notification: { title: `Chat ${payload}` } });

  describe('a message', () => {
    test('goes to the page in front, and to no other, in place of the notification', async () => {
      const behind = await open('/behind');
      const inFront = await open('/in-front');
      for (const page of [behind, inFront]) await listen(page);
      const { id } = await used.site.app.notify('ada', aChat(1));
      await expect.poll(() => received(inFront)).toEqual([1]);
      await expect.poll(() => receipts(id)).toEqual({ received: 1 });
      expect(await received(behind)).toEqual([]);
      expect(await shownTitles()).toEqual([]);

      await behind.activate();
      await used.site.app.notify('ada', aChat(2));
      await expect.poll(() => received(behind)).toEqual([2]);
      expect(await received(inFront)).toEqual([1]);
    });

    test('goes to one of two that are visible beside each other', async () => {
      const pages = [await open('/left'), await open('/right', { window: true })];
      for (const page of pages) await listen(page);
      for (const payload of [1, 2, 3]) {
        const { id } = await used.site.app.notify('ada', aChat(payload));
        await expect.poll(() => receipts(id)).toEqual({ received: 1 });
      }
      const all = (await Promise.all(pages.map(received))).flat();
      expect(new Set(all)).toEqual(new Set([1, 2, 3]));
      expect(all).toHaveLength(3);
      expect(await shownTitles()).toEqual([]);
    });

    test('is shown where no visible page takes it', async () => {
      const behind = await open('/behind');
      await listen(behind);
      await open('/in-front');
      const { id } = await used.site.app.notify('ada', aChat(4));
      await used.browser.waitForNotification({ title: 'Chat 4' });
      await expect.poll(() => receipts(id)).toEqual({ shown: 1 });
      expect(await received(behind)).toEqual([]);
    });

    test('is shown over the page too, where it says so', async () => {
      const page = await open('/');
      await listen(page);
      await used.site.app.notify('ada', aChat(5), { foreground: 'both' });
      await used.browser.waitForNotification({ title: 'Chat 5' });
      expect(await received(page)).toEqual([5]);
      await used.site.app.notify('ada', aChat(6), { foreground: 'notification' });
      await used.browser.waitForNotification({ title: 'Chat 6' });
      expect(await received(page)).toEqual([5]);
    });
  });

  describe('a click, with three tabs open,', () => {
    async function threeTabs(): Promise<{ form: Page; app: Page; there: Page }> {
      const there = await open('/orders/17');
      const app = await open('/app');
      await follow(app);
      return { there, app, form: await open('/form') };
    }

    async function clickOn(url: string): Promise<string> {
      const { id } = await used.site.app.notify('ada', { title: 'Click me', body: url, url });
      await (await used.browser.waitForNotification({ title: 'Click me', body: url })).click();
      await expect.poll(() => receipts(id)).toMatchObject({ shown: 1, clicked: 1 });
      return id;
    }

    const isVisible = (page: Page) => page.evaluate(`() => document.visibilityState === 'visible'`);

    test('goes to the tab at exactly its url', async () => {
      const { there, app } = await threeTabs();
      await clickOn('/orders/17');
      await expect.poll(() => isVisible(there)).toBe(true);
      expect(await app.evaluate('() => navigated')).toEqual([]);
      expect(await used.browser.pages()).toHaveLength(3);
    });

    test('is followed by the tab that says that it can, without a reload', async () => {
      const { app, form } = await threeTabs();
      await clickOn('/orders/18');
      await expect.poll(() => isVisible(app)).toBe(true);
      await expect.poll(() => app.evaluate('() => navigated')).toEqual(['/orders/18']);
      expect(await form.url()).toBe(`${used.site.origin}/form`);
      expect(await used.browser.pages()).toHaveLength(3);
    });

    test('opens a tab where no other is fit, and leaves the form alone', async () => {
      const { app, form } = await threeTabs();
      await app.close();
      await clickOn('/orders/19');
      await used.browser.waitForPage((url) => url === `${used.site.origin}/orders/19`);
      expect(await form.url()).toBe(`${used.site.origin}/form`);
    });
  });

  test('an action button leads to its own url', async () => {
    const { id } = await used.site.app.notify('ada', {
      notification: {
        title: 'Expense',
        url: '/expenses/1',
        actions: [
          { action: 'approve', title: 'Approve', url: '/expenses/1/approve' },
          { action: 'later', title: 'Later' },
        ],
      },
    });
    await (await used.browser.waitForNotification({ title: 'Expense' })).action('Approve');
    await used.browser.waitForPage((url) => url === `${used.site.origin}/expenses/1/approve`);
    await expect.poll(() => receipts(id)).toMatchObject({ clicked: 1 });
  });

  test('a click that the address tells of, as in WebKit, is taken from there and reported', async () => {
    const { id } = await used.site.app.notify('ada', { title: 'Opened by the browser', url: '/orders/20#top' });
    await used.browser.waitForNotification({ title: 'Opened by the browser' });
    const page = await open('/');
    const token = await page.evaluate(`async () => {
      const [{ data }] = await (await navigator.serviceWorker.ready).getNotifications();
      return data.belfry.token;
    }`);
    // A link from elsewhere may know the id; it makes no click.
    const linked = await open(`/orders/20#top&belfry=${id}.`);
    await expect.poll(() => linked.url()).toBe(`${used.site.origin}/orders/20#top`);
    const clicked = await open(`/orders/20#top&belfry=${id}.${String(token)}.open`);
    await expect.poll(() => receipts(id), { timeout: 20_000 }).toEqual({ shown: 1, clicked: 1 });
    expect(await clicked.url()).toBe(`${used.site.origin}/orders/20#top`);
  });
});
