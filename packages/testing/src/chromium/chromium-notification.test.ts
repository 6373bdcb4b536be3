import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Chromium } from '../chromium.ts';
import { launchChromium } from '../launch-chromium.ts';
import type { Page } from '../page.ts';
import { noPushService, servePages } from '../serve-pages.test-data.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const pages = {
  '/': '<!doctype html><title>Page</title><ol id=log></ol>',
  '/worker.js': `
    const report = async (text) => {
      for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(text);
    };
    addEventListener('notificationclick', (event) => {
      event.waitUntil(report('[click ' + event.notification.title + ']'));
    });
    addEventListener('notificationclose', (event) => {
      event.waitUntil(report('[close ' + event.notification.title + ']'));
    });`,
};

const registerWorker = `async () => {
  navigator.serviceWorker.onmessage = ({ data }) => { document.getElementById('log').append(data); };
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
}`;

const show = `async (title, options) => (await navigator.serviceWorker.ready).showNotification(title, options)`;

let chromium: Chromium;
let site: Awaited<ReturnType<typeof servePages>>;
let page: Page;

beforeAll(async () => {
  site = await servePages(pages);
  chromium = await launchChromium({ pushService: noPushService });
  await chromium.grantNotifications(site.origin);
  page = await chromium.open(`${site.origin}/`);
  await page.evaluate(registerWorker);
});

afterAll(async () => {
  await chromium?.close();
  await site?.close();
});

test('a click takes the notification from the screen, of which Chromium tells the worker as well', async () => {
  await page.evaluate(show, 'Clicked', {});
  await (await chromium.waitForNotification({ title: 'Clicked' })).click();
  await page.waitFor('#log', { text: '[click Clicked][close Clicked]' });
  expect(await chromium.notifications()).toEqual([]);
});

test('a worker that closes its notification takes it from the screen', async () => {
  await page.evaluate(show, 'Brief', {});
  const notification = await chromium.waitForNotification({ title: 'Brief' });
  await page.evaluate(`async () => {
    const registration = await navigator.serviceWorker.ready;
    for (const one of await registration.getNotifications()) one.close();
  }`);
  await vi.waitUntil(async () => (await chromium.notifications()).length === 0);
  await expect(notification.click()).rejects.toMatchObject({ code: 'notification-gone' });
});

test('the permission is set, for the open pages too, and no tab of its own is seen', async () => {
  const permission = () => page.evaluate('() => Notification.permission');
  await chromium.setNotificationPermission(site.origin, 'block');
  expect(await permission()).toBe('denied');
  const [tabs] = await Promise.all([chromium.pages(), chromium.setNotificationPermission(site.origin, 'allow')]);
  expect(await permission()).toBe('granted');
  expect(await Promise.all(tabs.map((tab) => tab.url()))).toEqual([`${site.origin}/`]);
  expect(await page.evaluate('() => document.visibilityState')).toBe('visible');
});

test('a page outside the loopback interface is not reached', async () => {
  await expect(page.evaluate(`() => fetch('http://192.0.2.1/', { mode: 'no-cors' })`)).rejects.toMatchObject({
    code: 'page-error',
  });
  await expect(chromium.open('http://push.example/')).rejects.toMatchObject({
    code: 'protocol-error',
    protocolError: 'net::ERR_NAME_NOT_RESOLVED',
  });
});
