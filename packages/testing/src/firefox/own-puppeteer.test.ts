import puppeteer from 'puppeteer-core';
import { expect, test } from 'vitest';
import webpush from 'web-push';
import { findFirefox } from '../find-firefox.ts';
import { parseSubscription, pushPages, sendWithWebPush } from '../push-page.test-data.ts';
import { pushService as pushServices } from '../push-service.ts';
import { servePages } from '../serve-pages.test-data.ts';
import { firefoxPreferences } from './firefox-preferences.ts';

test("a Firefox that Puppeteer launches with these preferences gets a push in its page's worker", async () => {
  await using stack = new AsyncDisposableStack();
  const vapid = webpush.generateVAPIDKeys();
  const pushService = stack.adopt(await pushServices.start(), (one) => one.close());
  const site = stack.adopt(await servePages(pushPages), (one) => one.close());
  const { executablePath } = await findFirefox();
  const extraPrefsFirefox = firefoxPreferences({ pushService });
  const browser = stack.adopt(
    await puppeteer.launch({ browser: 'firefox', executablePath, extraPrefsFirefox }),
    (one) => one.close(),
  );
  await browser.defaultBrowserContext().overridePermissions(site.origin, ['notifications']);
  const page = await browser.newPage();
  await page.goto(`${site.origin}/?key=${vapid.publicKey}`);
  await page.locator('::-p-text(ready)').wait();
  await page.click('#enable');
  await page.locator('::-p-text(granted granted granted)').wait();

  const subscription = parseSubscription(await page.evaluate('globalThis.subscription'));
  expect(await sendWithWebPush({ pushService, vapid, subscription, text: 'To Firefox' })).toBe(201);
  // What the worker tells its page when the push event comes.
  await page.waitForFunction(`document.title === 'To Firefox'`);
  // It comes first, and is shown then.
  await page.waitForFunction(
    'navigator.serviceWorker.ready.then(async (worker) => (await worker.getNotifications()).length === 1)',
  );
}, 60_000);
