import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser } from './browser.ts';
import type { Page } from './page.ts';
import type { BrowserUnderTest } from './page-contract.ts';
import { servePages } from './serve-pages.test-data.ts';

// Longer than the waits' own time limits: their errors say what the page held.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const longBody = 'A body that is longer than what an alert window shows. '.repeat(6).trim();

const pages = {
  '/': '<!doctype html><title>Page</title><ol id=log></ol>',
  '/opened': '<!doctype html><h1>Opened</h1>',
  '/approve': '<!doctype html><h1>Approved</h1>',
  '/worker.js': `
    const report = async (text) => {
      for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(text);
    };
    addEventListener('notificationclick', (event) => {
      const { action, notification } = event;
      const page = clients.openWindow(action === '' ? '/opened' : '/' + action);
      event.waitUntil(Promise.all([report('clicked ' + notification.title + ' ' + action), page]));
    });
    addEventListener('notificationclose', (event) => event.waitUntil(report('closed ' + event.notification.title)));`,
};

const registerWorker = `async () => {
  navigator.serviceWorker.onmessage = ({ data }) => {
    const item = document.createElement('li');
    item.textContent = data;
    document.getElementById('log').append(item);
  };
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
}`;

const actions = [
  { action: 'approve', title: 'Approve' },
  { action: 'opened', title: 'Only look' },
];

const show = `async (title, options) => (await navigator.serviceWorker.ready).showNotification(title, options)`;

/** What the notifications of every browser do. */
export function notificationContract({ name, launch }: BrowserUnderTest): void {
  describe(`the notification contract in ${name}`, () => {
    let browser: Browser;
    let site: Awaited<ReturnType<typeof servePages>>;
    let page: Page;

    beforeAll(async () => {
      site = await servePages(pages);
      browser = await launch();
      await browser.grantNotifications(site.origin);
      page = await browser.open(`${site.origin}/`);
      await page.evaluate(registerWorker);
    });

    afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    test('a notification is read and clicked, and the tab that its worker opens is found', async () => {
      await page.evaluate(show, 'Expense approved', { body: '#4821' });
      const notification = await browser.waitForNotification({ title: 'Expense approved' });
      expect(notification).toMatchObject({ body: '#4821', origin: new URL(site.origin).host, actions: [] });

      await notification.click();
      const opened = await browser.waitForPage((url) => url === `${site.origin}/opened`);
      expect(await opened.text('h1')).toBe('Opened');
      await opened.close();
      await page.waitFor('#log', { text: 'clicked Expense approved' });
      await page.waitFor('#log', { text: 'closed Expense approved' });
      expect(await browser.notifications()).toEqual([]);
    });

    test('an action button reaches the worker by its own name, and the tab that it opens is found', async () => {
      await page.evaluate(show, 'Invoice', { actions });
      const notification = await browser.waitForNotification({ title: 'Invoice' });
      expect(notification.actions).toEqual(['Approve', 'Only look']);
      await notification.action('Approve');
      const opened = await browser.waitForPage((url) => url === `${site.origin}/approve`);
      expect(await opened.text('h1')).toBe('Approved');
      await opened.close();
      await page.waitFor('#log', { text: 'clicked Invoice approve' });
      await page.waitFor('#log', { text: 'closed Invoice' });
      expect(await browser.notifications()).toEqual([]);
    });

    test('an action is named by its position too, also in a notification that took the place of another', async () => {
      await page.evaluate(show, 'Draft', { actions: actions.slice(0, 1), tag: 'document' });
      await browser.waitForNotification({ title: 'Draft' });
      await page.evaluate(show, 'Final', { actions, tag: 'document' });
      await (await browser.waitForNotification({ title: 'Final' })).action(1);
      await (await browser.waitForPage((url) => url === `${site.origin}/opened`)).close();
      await page.waitFor('#log', { text: 'clicked Final opened' });
      expect(await browser.notifications()).toEqual([]);
    });

    test('each notification has its own actions', async () => {
      await page.evaluate(show, 'One', { actions: actions.slice(0, 1) });
      await page.evaluate(show, 'Other', { actions: actions.slice(1) });
      await browser.waitForNotification({ title: 'One' });
      await browser.waitForNotification({ title: 'Other' });
      const shown = await browser.notifications();
      expect(shown.map((notification) => notification.actions)).toEqual([['Approve'], ['Only look']]);
      await Promise.all(shown.map((notification) => notification.close()));
    });

    test('an action that is not there is named with those that are', async () => {
      await page.evaluate(show, 'Short', { actions });
      const notification = await browser.waitForNotification({ title: 'Short' });
      await expect(notification.action('Approve all')).rejects.toMatchObject({
        code: 'no-such-action',
        message: 'The notification has no action "Approve all"; its actions: "Approve", "Only look"',
      });
      await expect(notification.action(2)).rejects.toMatchObject({ code: 'no-such-action' });
      await notification.close();
      await expect(notification.action(0)).rejects.toMatchObject({ code: 'notification-gone' });
      await page.waitFor('#log', { text: 'closed Short' });
    });

    test('closing a notification reaches its worker', async () => {
      await page.evaluate(show, 'Unwanted', {});
      await (await browser.waitForNotification({ title: 'Unwanted', body: '' })).close();
      await page.waitFor('#log', { text: 'closed Unwanted' });
      expect(await browser.notifications()).toEqual([]);
    });

    test('several notifications are listed oldest first, with their bodies whole', async () => {
      await page.evaluate(show, 'First', { body: longBody, tag: 'first' });
      await browser.waitForNotification({ title: 'First' });
      await page.evaluate(show, 'Second', { tag: 'second' });
      await browser.waitForNotification({ title: 'Second' });
      const shown = await browser.notifications();
      expect(shown.map(({ title, body }) => [title, body])).toEqual([
        ['First', longBody],
        ['Second', ''],
      ]);
      await Promise.all(shown.map((notification) => notification.close()));
    });

    test('a notification that takes the place of another is the only one shown', async () => {
      await page.evaluate(show, 'Draft', { tag: 'document' });
      const draft = await browser.waitForNotification({ title: 'Draft' });
      await page.evaluate(show, 'Final', { tag: 'document' });
      const final = await browser.waitForNotification({ title: 'Final' });
      expect((await browser.notifications()).map(({ title }) => title)).toEqual(['Final']);
      await expect(draft.click()).rejects.toMatchObject({ code: 'notification-gone' });
      await final.close();
    });

    test('a notification of the page itself is shown too', async () => {
      await page.evaluate(`() => { new Notification('From the page', { body: 'no worker' }); }`);
      const notification = await browser.waitForNotification({ body: 'no worker' });
      expect(notification).toMatchObject({ title: 'From the page', actions: [] });
      await notification.close();
    });

    test('a wait in vain says what is shown instead', async () => {
      await expect(browser.waitForNotification({ title: 'Never', timeoutMs: 0 })).rejects.toMatchObject({
        code: 'wait-timeout',
        message: 'Waited 0 ms for a notification {"title":"Never"}; shown: none',
      });
    });
  });
}
