import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PushService } from '@belfry/push-service';
import { chromium } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import webpush from 'web-push';
import { prepareChromium } from './prepare-chromium.ts';
import { parseSubscription, pushPages, sendWithWebPush } from './push-page.test-data.ts';
import { pushService as pushServices } from './push-service.ts';
import { servePages } from './serve-pages.test-data.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const vapid = webpush.generateVAPIDKeys();
let pushService: PushService;
let site: Awaited<ReturnType<typeof servePages>>;
let pageUrl: string;

beforeAll(async () => {
  pushService = await pushServices.start();
  site = await servePages(pushPages);
  pageUrl = `${site.origin}/?key=${vapid.publicKey}`;
});

afterAll(async () => {
  await site?.close();
  await pushService?.close();
});

test("a page of Playwright's persistent context gets a push, and the notification is clicked on the desktop", async () => {
  await using stack = new AsyncDisposableStack();
  const prepared = stack.adopt(await prepareChromium({ pushService }), (one) => one.close());
  const context = stack.adopt(await chromium.launchPersistentContext('', prepared.launchOptions), (one) => one.close());
  await context.grantPermissions(['notifications'], { origin: site.origin });
  const page = await context.newPage();
  await page.goto(pageUrl);
  await page.getByText('ready').waitFor();
  await page.click('#enable');
  await page.getByText('granted granted granted').waitFor();

  const subscription = parseSubscription(await page.evaluate('globalThis.subscription'));
  expect(await sendWithWebPush({ pushService, vapid, subscription, text: 'To Playwright' })).toBe(201);
  const notification = await prepared.waitForNotification({ title: 'To Playwright' });
  expect(notification).toMatchObject({ body: 'by push', origin: new URL(site.origin).host });
  const opened = context.waitForEvent('page');
  await notification.click();
  await (await opened).getByRole('heading', { name: 'Opened' }).waitFor();
  expect(await prepared.notifications()).toEqual([]);
});

test("a page of Puppeteer's gets a push, and the notification is clicked on the desktop", async () => {
  await using stack = new AsyncDisposableStack();
  const prepared = stack.adopt(await prepareChromium({ pushService }), (one) => one.close());
  const browser = stack.adopt(await puppeteer.launch(prepared.launchOptions), (one) => one.close());
  await browser.defaultBrowserContext().overridePermissions(site.origin, ['notifications']);
  const page = await browser.newPage();
  await page.goto(pageUrl);
  await page.locator('::-p-text(ready)').wait();
  await page.click('#enable');
  await page.locator('::-p-text(granted granted granted)').wait();

  const subscription = parseSubscription(await page.evaluate('globalThis.subscription'));
  expect(await sendWithWebPush({ pushService, vapid, subscription, text: 'To Puppeteer' })).toBe(201);
  await (await prepared.waitForNotification({ title: 'To Puppeteer' })).click();
  await browser.waitForTarget((target) => target.url() === `${site.origin}/opened`);
  expect(await prepared.notifications()).toEqual([]);
});

test('containment holds in a browser that others launch, and switches of the caller reach it', async () => {
  await using stack = new AsyncDisposableStack();
  const prepared = stack.adopt(await prepareChromium({ pushService, args: ['--user-agent=Ours'] }), (one) =>
    one.close(),
  );
  const browser = stack.adopt(await puppeteer.launch(prepared.launchOptions), (one) => one.close());
  const page = await browser.newPage();
  await expect(page.goto('http://192.0.2.1/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
  expect(await page.evaluate('navigator.userAgent')).toBe('Ours');
});

test('a desktop that is closed leaves no folder behind', async () => {
  const prepared = await prepareChromium({ pushService });
  const socket = /unix:path=([^,]+)/.exec(prepared.launchOptions.env['DBUS_SESSION_BUS_ADDRESS'] ?? '')?.[1] ?? '';
  await access(socket);
  await prepared.close();
  await expect(access(dirname(socket))).rejects.toMatchObject({ code: 'ENOENT' });
});
